// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Reveals one piece at a time to each leecher, and the next one once the first has been seen at another peer (BEP 16).
/// A lone seed then sends each piece about once before the swarm passes it on.
///
/// What a peer says it has is only its word. The peer is not shown that piece again, but it may request only what it was
/// shown. A piece counts as passed on when all of it has been uploaded, to any peers, and then a peer at another address
/// (IPv6: /64) says that it has it: one party can be many peers. If all leechers are behind one address, the peer's own
/// word is enough. A leecher that claims its piece although nobody was sent any of it has it from elsewhere, or lies. It
/// is shown another one, and may no longer request the first.
///
/// If nobody passes a leecher's piece on, because the others are idle or want other files, the leecher is shown the next
/// one after `patience`.
///
/// A message costs a look at a few pieces, in the order in which they were shown. What is not served by that is served at
/// the tick.
///
/// Owner: the swarm's core, while super seeding is on. The core announces no piece of its own meanwhile, and answers only
/// requests for pieces for which `isRevealed` is true.
package struct SuperSeeding: Sendable {
    /// A `have` message to send.
    package struct Revelation: Hashable, Sendable {
        /// The receiver.
        package var peer: PeerSlot
        /// The piece to announce.
        package var piece: PieceIndex
    }

    struct Leecher: Sendable {
        let group: AddressGroup
        /// The pieces that it says it has.
        var claimed: Bitfield
        /// The pieces that it may request.
        var shown: Bitfield
        /// The piece that was shown last, if it has not been seen elsewhere yet.
        var pending: PieceIndex?
        /// When `pending` was shown, or its latest block was uploaded to this leecher.
        var pendingSince: Instant

        func lacks(_ piece: PieceIndex) -> Bool { !shown[piece] && !claimed[piece] }
    }

    /// The time after which a leecher is shown another piece if its last one has not been seen elsewhere.
    package static let patience = Interval.seconds(60)
    /// The maximum number of leechers that are shown a piece because of one message. The others wait for the tick.
    private static let revelationsPerMessage = 4

    var leechers: [PeerSlot: Leecher] = [:]
    private var leecherCounts: [AddressGroup: Int] = [:]
    /// The leechers whose pending piece it is.
    private var waiting: [PieceIndex: [PeerSlot]] = [:]
    /// The leechers that the next tick shows a piece.
    private var due: [PeerSlot] = []
    var supply: PieceSupply
    let geometry: PieceGeometry
    let work: WorkMeter

    /// Creates a super seed of the pieces of `geometry`.
    package init(_ geometry: PieceGeometry, work: WorkMeter = WorkMeter()) {
        self.geometry = geometry
        self.work = work
        supply = PieceSupply(pieceCount: geometry.pieceCount)
    }

    /// Handles a new leecher: reveals a first piece to it.
    package mutating func handlePeerJoined(
        _ peer: PeerSlot,
        from group: AddressGroup,
        having pieces: PeerPieces,
        at now: Instant,
        into revelations: inout [Revelation]
    ) {
        let count = geometry.pieceCount
        guard case .some(let bits) = pieces, !bits.isComplete, bits.count == count else { return }
        work.add(bits.setCount + bits.count / 64)
        for piece in bits.indices { supply.countClaim(piece, 1) }
        leechers[peer] = Leecher(group: group, claimed: bits, shown: Bitfield(count: count), pendingSince: now)
        leecherCounts[group, default: 0] += 1
        revealNext(to: [peer], at: now, into: &revelations)
    }

    /// Handles a piece that `peer` announced. If all of it was uploaded, leechers at other addresses that were shown it are
    /// shown the next one.
    package mutating func handlePeerHas(
        _ piece: PieceIndex,
        peer: PeerSlot,
        at now: Instant,
        into revelations: inout [Revelation]
    ) {
        guard piece.int < geometry.pieceCount, let leecher = leechers[peer] else { return }
        if leechers[peer]?.claimed.insert(piece) == true { supply.countClaim(piece, 1) }
        if leecher.pending == piece, !supply.isBegun(piece) {
            withdraw(piece, from: peer)
            return revealNext(to: [peer], at: now, into: &revelations)
        }
        guard isUploaded(piece), let waiters = waiting[piece] else { return }
        work.add(waiters.count)
        let isOwnWordEnough = isOneParty
        let confirmed = waiters.filter {
            leechers[$0]?.group != leecher.group || $0 == peer && isOwnWordEnough
        }
        revealNext(to: confirmed, at: now, into: &revelations)
    }

    /// Handles a block that was handed to the socket of `peer`.
    package mutating func handleUploaded(_ block: BlockRequest, to peer: PeerSlot, at now: Instant) {
        guard block.piece.int < geometry.pieceCount else { return }
        supply.countUploaded(Int(block.length), of: block.piece)
        if leechers[peer]?.pending == block.piece { leechers[peer]?.pendingSince = now }
    }

    /// Handles a peer that left. Leechers that nobody can confirm any longer are shown the next piece if they have theirs.
    package mutating func handlePeerLeft(_ peer: PeerSlot, at now: Instant, into revelations: inout [Revelation]) {
        endWaiting(peer)
        guard let leecher = leechers.removeValue(forKey: peer) else { return }
        work.add(leecher.claimed.setCount + leecher.shown.setCount + geometry.pieceCount / 32)
        for piece in leecher.claimed.indices { supply.countClaim(piece, -1) }
        for piece in leecher.shown.indices { supply.countShown(piece, -1) }
        let left = leecherCounts[leecher.group, default: 1] - 1
        leecherCounts[leecher.group] = left > 0 ? left : nil
        guard isOneParty else { return }
        work.add(leechers.count)
        let confirmed = leechers.filter { _, other in
            other.pending.map { other.claimed[$0] && isUploaded($0) } ?? false
        }
        revealNext(to: confirmed.keys.sorted(), at: now, into: &revelations)
    }

    /// Shows what was put off, and the next piece to leechers that have waited for longer than `patience`.
    package mutating func handleTick(at now: Instant, into revelations: inout [Revelation]) {
        work.add(leechers.count)
        let impatient = leechers.filter { $1.pending != nil && now - $1.pendingSince > Self.patience }.keys.sorted()
        for peer in impatient {
            guard let piece = leechers[peer]?.pending else { continue }
            // It says that it has the piece already, so it has no use for it.
            if leechers[peer]?.claimed[piece] == true, !isUploaded(piece) { withdraw(piece, from: peer) }
            endWaiting(peer)
        }
        let peers = due + impatient
        due = []
        for peer in peers where leechers[peer]?.pending == nil {
            guard let leecher = leechers[peer] else { continue }
            if let piece = supply.patientChoice(for: leecher, work) {
                reveal(piece, to: peer, at: now, into: &revelations)
            }
        }
    }

    /// Returns whether `peer` may request `piece`, because it was revealed to it.
    package func isRevealed(_ piece: PieceIndex, to peer: PeerSlot) -> Bool {
        leechers[peer]?.shown[piece] ?? false
    }

    /// Returns the number of pieces that `peer` neither was shown nor claims.
    func lackCount(of peer: PeerSlot) -> Int {
        guard let leecher = leechers[peer] else { return 0 }
        return PieceIndex.all(geometry.pieceCount).count { leecher.lacks($0) }
    }

    /// Whether all leechers are behind one address.
    private var isOneParty: Bool { leecherCounts.count == 1 }

    /// Returns whether as many bytes of `piece` were uploaded as it has. Repetitions count, because a liar gains nothing by
    /// downloading one block many times instead of all blocks once.
    private func isUploaded(_ piece: PieceIndex) -> Bool {
        supply.uploadedByteCount(of: piece) >= geometry.dataByteCount(of: piece)
    }

    private mutating func revealNext(to peers: [PeerSlot], at now: Instant, into revelations: inout [Revelation]) {
        for (number, peer) in peers.enumerated() {
            endWaiting(peer)
            if number < Self.revelationsPerMessage, let leecher = leechers[peer],
                let piece = supply.quickChoice(for: leecher, work)
            {
                reveal(piece, to: peer, at: now, into: &revelations)
            } else {
                due.append(peer)
            }
        }
    }

    private mutating func reveal(
        _ piece: PieceIndex,
        to peer: PeerSlot,
        at now: Instant,
        into revelations: inout [Revelation]
    ) {
        leechers[peer]?.pending = piece
        leechers[peer]?.pendingSince = now
        leechers[peer]?.shown.insert(piece)
        waiting[piece, default: []].append(peer)
        supply.countShown(piece, 1)
        revelations.append(Revelation(peer: peer, piece: piece))
    }

    /// Takes back a piece that `peer` claims to have from elsewhere.
    private mutating func withdraw(_ piece: PieceIndex, from peer: PeerSlot) {
        endWaiting(peer)
        leechers[peer]?.shown.remove(piece)
        supply.countShown(piece, -1)
    }

    private mutating func endWaiting(_ peer: PeerSlot) {
        guard let piece = leechers[peer]?.pending else { return }
        leechers[peer]?.pending = nil
        waiting[piece]?.removeAll { $0 == peer }
        if waiting[piece]?.isEmpty == true { waiting[piece] = nil }
    }
}
