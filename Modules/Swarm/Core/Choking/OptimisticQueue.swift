// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The order of optimistic turns: first an address is chosen, by chance or because it has waited longest, and then one
/// of its peers. Many connections from one address are drawn as often as one.
struct OptimisticQueue {
    /// A peer's claim to another turn, the strongest first.
    enum Claim: Int, Comparable {
        /// Its address owes us nothing and has no current turn, or the peer itself gave something in return.
        case first
        /// The peer has had no turn, but its address has a current one, or has had a few without return.
        case neighbour
        /// The peer or its address has had its share without return.
        case again

        static func < (a: Claim, b: Claim) -> Bool { a.rawValue < b.rawValue }
    }

    /// A waiting peer.
    struct Entry {
        /// The peer's index among the candidates.
        var index: Int
        /// The number of the peer's address. All from 0 to the highest are in use.
        var group: Int
        var claim: Claim
        /// How often the peer's address is drawn, relative to others.
        var weight: Int
        /// When the address, and then the peer, last began a turn.
        var lastTurns: (group: Instant, peer: Instant)
        /// Decides between equals.
        var tieBreak: UInt64
    }

    private var entries: [Entry]
    private let groupCount: Int

    /// Creates a queue. `groupCount` is the number of addresses.
    init(_ entries: [Entry], groupCount: Int) {
        (self.entries, self.groupCount) = (entries, groupCount)
    }

    /// Removes the next peer and returns its index among the candidates. Peers whose claim is `again` are skipped
    /// unless `mayRepeat`.
    mutating func popNext(mayRepeat: Bool, using random: inout some RandomNumberGenerator) -> Int? {
        guard let claim = entries.lazy.map(\.claim).min(), mayRepeat || claim < .again else { return nil }
        let position = claim < .again ? drawn(claim, using: &random) : longestWaiting()
        guard let position else { return nil }
        let entry = entries.remove(at: position)
        for other in entries.indices where entries[other].group == entry.group {
            entries[other].claim = max(entries[other].claim, .neighbour)
            entries[other].lastTurns.group = Instant(nanoseconds: .max)
        }
        return entry.index
    }

    /// Draws an address by weight, and one of its peers, in one step: each peer counts as a part of its address.
    private func drawn(_ claim: Claim, using random: inout some RandomNumberGenerator) -> Int? {
        var counts = [Double](repeating: 0, count: groupCount)
        for entry in entries where entry.claim == claim { counts[entry.group] += 1 }
        let parts = entries.map { $0.claim == claim ? Double($0.weight) / counts[$0.group] : 0 }
        var left = Double.random(in: 0..<1, using: &random) * parts.reduce(0, +)
        return parts.indices.first { index in
            left -= parts[index]
            return parts[index] > 0 && left < 0
        } ?? parts.lastIndex { $0 > 0 }
    }

    private func longestWaiting() -> Int? {
        entries.indices.min { a, b in
            let (a, b) = (entries[a], entries[b])
            if a.lastTurns.group != b.lastTurns.group { return a.lastTurns.group < b.lastTurns.group }
            return (a.lastTurns.peer, a.tieBreak) < (b.lastTurns.peer, b.tieBreak)
        }
    }
}
