// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheSwarm
internal import RucheWire

/// A picker in the middle of a download, with its peers.
///
/// A round restores the picker afterwards, outside of the measured time, so that the thousandth round costs what the
/// first did: the picked blocks are delivered, and their pieces are lost again.
struct SwarmScene {
    /// The progress of the download.
    enum Phase: String, CaseIterable, Sendable {
        /// We have a tenth of the pieces, and each peer about half.
        case usual
        /// Each peer has one piece in a hundred, so few open pieces are useful for it.
        case sparse
        /// We have all but one piece in a hundred.
        case late
        /// Hundreds of open pieces do not progress, because no connected peer has them.
        case crowded
        /// Every block has been requested; the oldest requests are duplicated.
        case endgame
    }

    let pieceCount: Int
    let blocksPerPiece: Int
    var picker: PiecePicker
    var peers: [PeerPieces] = []
    var random: SeededRandom
    var now = Instant.zero + .seconds(1_000)
    private var requests: [BlockRequest] = []
    private var askers: [PeerSlot] = []
    private var cancels: [PeerSlot] = []
    private var completed: [PieceIndex] = []

    init(pieceCount: Int, peerCount: Int, blocksPerPiece: Int = 16, phase: Phase = .usual) {
        self.pieceCount = pieceCount
        self.blocksPerPiece = blocksPerPiece
        let pieceLength = blocksPerPiece * Block.byteCount
        let geometry = PieceGeometry(pieceLength: pieceLength, totalSize: pieceCount * pieceLength)
        random = SeededRandom(seed: UInt64(pieceCount &* 31 &+ peerCount))
        var limits = PickerLimits()
        limits.openByteCount = 256 << 20
        let have = Self.bits(pieceCount, density: phase == .late ? 0.99 : 0.1, &random)
        picker = PiecePicker(geometry: geometry, have: have, limits: limits, seed: random.next())
        let density = phase == .sparse ? 0.01 : 0.5
        for index in 0..<peerCount {
            let slot = PeerSlot(rawValue: UInt32(index))
            // One peer in ten is a seed, except where pieces are meant to be scarce.
            let isSeed = index % 10 == 0 && phase != .sparse && phase != .crowded
            peers.append(isSeed ? .all : .some(Self.bits(pieceCount, density: density, &random)))
            picker.handlePeerJoined(slot, as: .peer(IPAddress(v4: UInt32(index + 1)), connection: UInt64(index)))
            picker.handlePeerHas(peers[index])
        }
        if phase == .crowded { crowd() }
        requests.reserveCapacity(8_192)
        askers.reserveCapacity(8_192)
    }

    static func bits(_ count: Int, density: Double, _ random: inout SeededRandom) -> Bitfield {
        var bits = Bitfield(count: count)
        for index in 0..<count where Double.random(in: 0..<1, using: &random) < density {
            bits.insert(PieceIndex(index))
        }
        return bits
    }

    /// Opens pieces that only one peer has, and leaves each with a free block. That peer is not among those that pick.
    private mutating func crowd() {
        let count = min(900, pieceCount / 4)
        let slot = PeerSlot(rawValue: UInt32(peers.count))
        picker.handlePeerJoined(slot, as: .peer(IPAddress(v4: 0x7fff_ffff), connection: .max))
        var rare = Bitfield(count: pieceCount)
        for index in 0..<count { rare.insert(PieceIndex(index)) }
        for (index, pieces) in peers.enumerated() {
            guard case .some(var bits) = pieces else { continue }
            for piece in 0..<count where bits.remove(PieceIndex(piece)) { picker.handlePeerLost(PieceIndex(piece)) }
            peers[index] = .some(bits)
        }
        for piece in 0..<count {
            picker.handlePieceLost(PieceIndex(piece))
            var only = Bitfield(count: pieceCount)
            only.insert(PieceIndex(piece))
            var sink: [BlockRequest] = []
            let query = PickQuery(peer: slot, count: blocksPerPiece - 1)
            picker.nextRequests(query, from: .some(only), at: now, into: &sink)
        }
    }
}

// MARK: - Rounds

extension SwarmScene {
    /// Picks `batch` blocks for each of the peers in turn, `calls` times.
    mutating func pick(calls: Int, batch: Int, _ stopwatch: any Stopwatch) {
        askers.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
        let first = Int.random(in: 0..<peers.count, using: &random)
        stopwatch.start()
        for call in 0..<calls {
            let peer = (first + call) % peers.count
            let slot = PeerSlot(rawValue: UInt32(truncatingIfNeeded: peer))
            picker.nextRequests(PickQuery(peer: slot, count: batch), from: peers[peer], at: now, into: &requests)
            while askers.count < requests.count { askers.append(slot) }
        }
        stopwatch.stop()
        restore()
    }

    /// Undoes all picks as a download would: the blocks are delivered, verified, and lost again.
    private mutating func restore() {
        for (index, request) in requests.enumerated() {
            cancels.removeAll(keepingCapacity: true)
            let reception = picker.handleReceived(request, from: askers[index], at: now, cancels: &cancels)
            if case .accepted(completesPiece: true) = reception { completed.append(request.piece) }
        }
        for piece in completed {
            picker.handlePieceVerified(piece)
            picker.handlePieceLost(piece)
        }
        completed.removeAll(keepingCapacity: true)
        for request in requests where picker.wants(request.piece) {
            picker.handlePieceFailed(request.piece, badBlocks: nil)
        }
    }

    /// Delivers every block in the order of the requests. Only the deliveries are measured.
    mutating func receive(calls: Int, _ stopwatch: any Stopwatch) {
        askers.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
        for call in 0..<calls {
            let slot = PeerSlot(rawValue: UInt32(truncatingIfNeeded: call % peers.count))
            let query = PickQuery(peer: slot, count: 1)
            picker.nextRequests(query, from: peers[slot.int], at: now, into: &requests)
            while askers.count < requests.count { askers.append(slot) }
        }
        stopwatch.start()
        for (index, request) in requests.enumerated() {
            cancels.removeAll(keepingCapacity: true)
            guard picker.handleBlockBegun(request, from: askers[index]) != nil else { continue }
            let reception = picker.handleReceived(request, from: askers[index], at: now, cancels: &cancels)
            if case .accepted(completesPiece: true) = reception { completed.append(request.piece) }
        }
        stopwatch.stop()
        for piece in completed {
            picker.handlePieceVerified(piece)
            picker.handlePieceLost(piece)
        }
        completed.removeAll(keepingCapacity: true)
        for request in requests where picker.wants(request.piece) {
            picker.handlePieceFailed(request.piece, badBlocks: nil)
        }
    }

    /// Peers announce pieces that they did not have, then lose them again.
    mutating func announce(calls: Int, _ stopwatch: any Stopwatch) {
        var told: [(peer: Int, piece: PieceIndex)] = []
        told.reserveCapacity(calls)
        while told.count < calls {
            let peer = Int.random(in: 0..<peers.count, using: &random)
            let piece = PieceIndex(Int.random(in: 0..<pieceCount, using: &random))
            if !peers[peer][piece] { told.append((peer, piece)) }
        }
        stopwatch.start()
        for (peer, piece) in told where peers[peer].insert(piece) { picker.handlePeerHas(piece) }
        stopwatch.stop()
        for (peer, piece) in told where peers[peer].remove(piece, of: pieceCount) { picker.handlePeerLost(piece) }
    }

    /// A peer joins with `bytes` as its bitfield, is checked for wanted pieces, and gets a first request.
    mutating func join(with bytes: [UInt8], _ stopwatch: any Stopwatch) {
        let slot = PeerSlot(rawValue: UInt32(truncatingIfNeeded: peers.count))
        requests.removeAll(keepingCapacity: true)
        askers.removeAll(keepingCapacity: true)
        stopwatch.start()
        guard let bits = Bitfield(wire: bytes, count: pieceCount) else { return stopwatch.stop() }
        let pieces = PeerPieces.some(bits)
        picker.handlePeerJoined(slot, as: .peer(IPAddress(v4: 0x7f00_0001), connection: .max))
        picker.handlePeerHas(pieces)
        keep(picker.wantedCount(in: pieces))
        picker.nextRequests(PickQuery(peer: slot, count: 1), from: pieces, at: now, into: &requests)
        stopwatch.stop()
        picker.handlePeerLeft(slot, having: pieces)
    }

    /// Opens all pieces and requests all their blocks.
    mutating func askForAll() {
        var index = 0
        while picker.missingPieceCount > picker.openPieceCount || !picker.isEndgame, index < 100_000 {
            let peer = index % peers.count
            index += 1
            requests.removeAll(keepingCapacity: true)
            let query = PickQuery(peer: PeerSlot(rawValue: UInt32(peer)), count: 512)
            picker.nextRequests(query, from: peers[peer], at: now, into: &requests)
        }
        now = now + .seconds(1)
    }

    /// In endgame, requests from each peer what others owe, and releases the requests.
    mutating func askTwice(calls: Int, _ stopwatch: any Stopwatch) {
        requests.removeAll(keepingCapacity: true)
        askers.removeAll(keepingCapacity: true)
        stopwatch.start()
        for call in 0..<calls {
            let peer = call % peers.count
            let slot = PeerSlot(rawValue: UInt32(truncatingIfNeeded: peer))
            picker.nextRequests(PickQuery(peer: slot, count: 1), from: peers[peer], at: now, into: &requests)
            while askers.count < requests.count { askers.append(slot) }
        }
        stopwatch.stop()
        for (request, slot) in zip(requests, askers) { picker.handleReleased(request, by: slot) }
    }
}
