// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Reveals one piece at a time to each leecher, and the next one once the first has been seen at another peer (BEP 16).
/// A lone seed then sends each piece about once before the swarm passes it on.
///
/// What a peer says it has is only its word. It is not shown that again, but it may request no more than what it was
/// shown; and a piece counts as passed on only when a peer of another address (IPv6: /64) says it has it, since one party
/// can be many peers. Where everybody is behind one address there is no such other: then the peer's own word is enough.
///
/// A message costs a glance at a few pieces, in the order in which they were shown; who is not served by that is served
/// at the tick.
///
/// Owner: the swarm's core, while super seeding is on; it announces no piece of its own meanwhile, and answers requests
/// for what `isRevealed` only.
package struct SuperSeeding: Sendable {
    /// A `have` message to send.
    package struct Revelation: Hashable, Sendable {
        /// The receiver.
        package var peer: PeerSlot
        /// The piece to announce.
        package var piece: PieceIndex
    }

    private struct Leecher: Sendable {
        let group: AddressGroup
        /// Had by it, as it says.
        var claimed: Bitfield
        /// Shown to it.
        var shown: Bitfield
        /// Shown last, and not yet seen elsewhere.
        var pending: PieceIndex?

        func lacks(_ piece: PieceIndex) -> Bool { !shown[piece] && !claimed[piece] }
    }

    /// How often a piece was shown to those who are here, and how many of them claim it.
    private struct Copies: Sendable {
        var shown: UInt16 = 0
        var claimed: UInt16 = 0
        /// It is in `returned`.
        var isReturned = false

        /// Claims count last: a false one must not keep a piece from being shown.
        static func < (a: Copies, b: Copies) -> Bool { (a.shown, a.claimed) < (b.shown, b.claimed) }
    }

    /// Pieces looked at to find one for a leecher, where a message is the reason.
    private static let glanceCount = 32
    /// The same at the tick.
    private static let tickGlanceCount = 512
    /// Leechers that are shown something because of one message; the others wait for the tick.
    private static let revelationsPerMessage = 4

    private var leechers: [PeerSlot: Leecher] = [:]
    private var leecherCounts: [AddressGroup: Int] = [:]
    /// Those whose last piece it is, and has not been seen elsewhere.
    private var waiting: [PieceIndex: [PeerSlot]] = [:]
    /// Those that the tick is to show something.
    private var due: [PeerSlot] = []
    private var copies: [Copies]
    /// Pieces that were shown only to those who have left, each once; some may have been shown since.
    private var returned: [PieceIndex] = []
    /// Where the search for the rarest begins, so that equals take turns.
    private var cursor = 0
    private let work: WorkMeter

    /// For `pieceCount` pieces.
    package init(pieceCount: Int, work: WorkMeter = WorkMeter()) {
        copies = Array(repeating: Copies(), count: pieceCount)
        self.work = work
    }

    /// Handles a new leecher: reveals a first piece to it.
    package mutating func handlePeerJoined(
        _ peer: PeerSlot,
        from group: AddressGroup,
        having pieces: PeerPieces,
        into revelations: inout [Revelation]
    ) {
        guard case .some(let bits) = pieces, !bits.isComplete, bits.count == copies.count else { return }
        work.add(bits.setCount + bits.count / 64)
        for piece in bits.indices { countClaim(piece, 1) }
        leechers[peer] = Leecher(group: group, claimed: bits, shown: Bitfield(count: copies.count))
        leecherCounts[group, default: 0] += 1
        revealNext(to: [peer], into: &revelations)
    }

    /// A peer announced a piece: a leecher that was shown it, and is another party, is shown another.
    package mutating func handlePeerHas(_ piece: PieceIndex, peer: PeerSlot, into revelations: inout [Revelation]) {
        guard piece.int < copies.count, let group = leechers[peer]?.group else { return }
        if leechers[peer]?.claimed.insert(piece) == true { countClaim(piece, 1) }
        guard let waiters = waiting[piece] else { return }
        work.add(waiters.count)
        let isOwnWordEnough = isOneParty
        let confirmed = waiters.filter { leechers[$0]?.group != group || $0 == peer && isOwnWordEnough }
        revealNext(to: confirmed, into: &revelations)
    }

    /// A peer left. Those that nobody can confirm any longer are shown the next piece if they have theirs.
    package mutating func handlePeerLeft(_ peer: PeerSlot, into revelations: inout [Revelation]) {
        endWaiting(peer)
        guard let leecher = leechers.removeValue(forKey: peer) else { return }
        work.add(leecher.claimed.setCount + leecher.shown.setCount + copies.count / 32)
        for piece in leecher.claimed.indices { countClaim(piece, -1) }
        for piece in leecher.shown.indices { countShown(piece, -1) }
        let left = leecherCounts[leecher.group, default: 1] - 1
        leecherCounts[leecher.group] = left > 0 ? left : nil
        guard isOneParty else { return }
        work.add(leechers.count)
        let confirmed = leechers.filter { _, other in other.pending.map { other.claimed[$0] } ?? false }
        revealNext(to: confirmed.keys.sorted(), into: &revelations)
    }

    /// Shows what was put off.
    package mutating func handleTick(into revelations: inout [Revelation]) {
        let peers = due
        due = []
        for peer in peers where leechers[peer]?.pending == nil {
            if let piece = patientChoice(for: peer) { reveal(piece, to: peer, into: &revelations) }
        }
    }

    /// Returns whether `peer` may request `piece`, because it was revealed to it or the peer had it.
    package func isRevealed(_ piece: PieceIndex, to peer: PeerSlot) -> Bool {
        leechers[peer]?.shown[piece] ?? false
    }

    /// Pieces that `peer` neither was shown nor claims.
    func lackCount(of peer: PeerSlot) -> Int {
        guard let leecher = leechers[peer] else { return 0 }
        return PieceIndex.all(copies.count).count { leecher.lacks($0) }
    }

    /// Whether all leechers are behind one address.
    private var isOneParty: Bool { leecherCounts.count == 1 }

    private mutating func revealNext(to peers: [PeerSlot], into revelations: inout [Revelation]) {
        for (number, peer) in peers.enumerated() {
            endWaiting(peer)
            if number < Self.revelationsPerMessage, let piece = quickChoice(for: peer) {
                reveal(piece, to: peer, into: &revelations)
            } else {
                due.append(peer)
            }
        }
    }

    private mutating func reveal(_ piece: PieceIndex, to peer: PeerSlot, into revelations: inout [Revelation]) {
        leechers[peer]?.pending = piece
        leechers[peer]?.shown.insert(piece)
        waiting[piece, default: []].append(peer)
        countShown(piece, 1)
        revelations.append(Revelation(peer: peer, piece: piece))
    }

    private mutating func endWaiting(_ peer: PeerSlot) {
        guard let piece = leechers[peer]?.pending else { return }
        leechers[peer]?.pending = nil
        waiting[piece]?.removeAll { $0 == peer }
        if waiting[piece]?.isEmpty == true { waiting[piece] = nil }
    }
}

// MARK: - What to show

extension SuperSeeding {
    /// A piece that came back, or the rarest of the next few that the leecher lacks.
    private mutating func quickChoice(for peer: PeerSlot) -> PieceIndex? {
        guard let leecher = leechers[peer] else { return nil }
        if let piece = returnedChoice(for: leecher) { return piece }
        let (start, count) = (cursor, copies.count)
        let next = (0..<min(Self.glanceCount, count)).lazy.map { PieceIndex((start + $0) % count) }
        return takeRarest(of: next, for: leecher)
    }

    /// The rarest of many that the leecher lacks, wherever they are.
    private mutating func patientChoice(for peer: PeerSlot) -> PieceIndex? {
        guard let leecher = leechers[peer] else { return nil }
        if let piece = returnedChoice(for: leecher) { return piece }
        var lacking: [PieceIndex] = []
        let wordCount = (copies.count + 63) / 64
        for step in 0...wordCount where lacking.count < Self.tickGlanceCount {
            work.add(1)
            let word = (cursor / 64 + step) % wordCount
            guard leecher.claimed.words[word] | leecher.shown.words[word] != .max else { continue }
            for index in word * 64..<min(word * 64 + 64, copies.count) where leecher.lacks(PieceIndex(index)) {
                lacking.append(PieceIndex(index))
            }
        }
        return takeRarest(of: lacking, for: leecher)
    }

    private mutating func takeRarest(of pieces: some Sequence<PieceIndex>, for leecher: Leecher) -> PieceIndex? {
        var best: PieceIndex?
        for piece in pieces {
            work.add(1)
            guard leecher.lacks(piece) else { continue }
            if best.map({ copies[piece.int] < copies[$0.int] }) ?? true { best = piece }
            if copies[piece.int].shown == 0, copies[piece.int].claimed == 0 { break }
        }
        if let best { cursor = (best.int + 1) % copies.count }
        return best
    }

    /// One of the last few that came back. What was shown since is forgotten.
    private mutating func returnedChoice(for leecher: Leecher) -> PieceIndex? {
        for index in returned.indices.suffix(Self.glanceCount).reversed() {
            work.add(1)
            let piece = returned[index]
            let isShown = copies[piece.int].shown > 0
            guard isShown || leecher.lacks(piece) else { continue }
            returned.swapAt(index, returned.count - 1)
            returned.removeLast()
            copies[piece.int].isReturned = false
            if !isShown { return piece }
        }
        return nil
    }

    private mutating func countClaim(_ piece: PieceIndex, _ change: Int) {
        copies[piece.int].claimed = UInt16(clamping: Int(copies[piece.int].claimed) + change)
    }

    private mutating func countShown(_ piece: PieceIndex, _ change: Int) {
        copies[piece.int].shown = UInt16(clamping: Int(copies[piece.int].shown) + change)
        guard change < 0, copies[piece.int].shown == 0, !copies[piece.int].isReturned else { return }
        copies[piece.int].isReturned = true
        returned.append(piece)
    }
}
