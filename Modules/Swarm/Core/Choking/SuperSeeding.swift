// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Reveals one piece at a time to each leecher, and the next one once the first has been seen at another peer (BEP 16).
/// A lone seed then sends each piece about once before the swarm passes it on.
///
/// A peer's claims are only its word. A piece that it claims is not revealed to it again, but it may request only what
/// was revealed to it; and a piece counts as passed on only when a peer at another address (IPv6: /64) claims it,
/// because one party can be many peers. If all peers share one address, the peer's own word is enough.
///
/// A message causes a look at only a few pieces, in the order in which they were revealed; peers that get nothing by
/// that are served at the tick.
///
/// Owner: the swarm's core, while super seeding is on; meanwhile it announces no pieces of its own, and answers only
/// requests for pieces that `isRevealed`.
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
        /// The pieces that it claims.
        var claimed: Bitfield
        /// The pieces revealed to it.
        var shown: Bitfield
        /// The piece revealed last, not yet seen elsewhere.
        var pending: PieceIndex?

        func lacks(_ piece: PieceIndex) -> Bool { !shown[piece] && !claimed[piece] }
    }

    /// How often a piece was revealed to connected peers, and how many of them claim it.
    private struct Copies: Sendable {
        var shown: UInt16 = 0
        var claimed: UInt16 = 0
        /// It is in `returned`.
        var isReturned = false

        /// Claims are compared last: a false one must not keep a piece from being revealed.
        static func < (a: Copies, b: Copies) -> Bool { (a.shown, a.claimed) < (b.shown, b.claimed) }
    }

    /// The number of pieces examined per message to find one for a leecher.
    private static let glanceCount = 32
    /// The same at the tick.
    private static let tickGlanceCount = 512
    /// The number of leechers that a message reveals a piece to; the others wait for the tick.
    private static let revelationsPerMessage = 4

    private var leechers: [PeerSlot: Leecher] = [:]
    private var leecherCounts: [AddressGroup: Int] = [:]
    /// The peers to which each piece was revealed last, before it has been seen elsewhere.
    private var waiting: [PieceIndex: [PeerSlot]] = [:]
    /// The peers that get a piece at the tick.
    private var due: [PeerSlot] = []
    private var copies: [Copies]
    /// Pieces that were revealed only to peers that have left, each once; some may have been revealed since.
    private var returned: [PieceIndex] = []
    /// Where the search for the rarest starts, so that equals take turns.
    private var cursor = 0
    private let work: WorkMeter

    /// Creates an instance for `pieceCount` pieces.
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

    /// Handles a piece that a peer announced: the leecher that it was revealed to, if another party, gets the next.
    package mutating func handlePeerHas(_ piece: PieceIndex, peer: PeerSlot, into revelations: inout [Revelation]) {
        guard piece.int < copies.count, let group = leechers[peer]?.group else { return }
        if leechers[peer]?.claimed.insert(piece) == true { countClaim(piece, 1) }
        guard let waiters = waiting[piece] else { return }
        work.add(waiters.count)
        let isOwnWordEnough = isOneParty
        let confirmed = waiters.filter { leechers[$0]?.group != group || $0 == peer && isOwnWordEnough }
        revealNext(to: confirmed, into: &revelations)
    }

    /// Handles a peer that has left. Peers that no other can confirm any longer get the next piece if they have theirs.
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

    /// Reveals the deferred pieces.
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

    /// Returns the number of pieces that `peer` neither claims nor has been shown.
    func lackCount(of peer: PeerSlot) -> Int {
        guard let leecher = leechers[peer] else { return 0 }
        return PieceIndex.all(copies.count).count { leecher.lacks($0) }
    }

    /// Whether all leechers share one address.
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

// MARK: - Choosing pieces

extension SuperSeeding {
    /// Returns a piece that came back, or the rarest of the next few that the leecher lacks.
    private mutating func quickChoice(for peer: PeerSlot) -> PieceIndex? {
        guard let leecher = leechers[peer] else { return nil }
        if let piece = returnedChoice(for: leecher) { return piece }
        let (start, count) = (cursor, copies.count)
        let next = (0..<min(Self.glanceCount, count)).lazy.map { PieceIndex((start + $0) % count) }
        return takeRarest(of: next, for: leecher)
    }

    /// Returns the rarest of many pieces that the leecher lacks, wherever they are.
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

    /// Returns one of the last few that came back. Those revealed since are forgotten.
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
