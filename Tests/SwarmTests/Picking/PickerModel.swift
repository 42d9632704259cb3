// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// A swarm as the picker sees it, with every fact in its simplest form, to compare the picker with.
struct PickerModel {
    struct Peer {
        var pieces: PeerPieces
        var owed: Set<BlockRequest> = []
        /// Requested before the peer was snubbed.
        var late: Set<BlockRequest> = []
    }

    var geometry: PieceGeometry
    /// The content grows at its end, and is cut at its beginning: see `grow` and `trim`.
    let isGrowing: Bool
    var trimmedCount = 0
    var picker: PiecePicker
    var random: SeededRandom
    var peers: [PeerSlot: Peer] = [:]
    var received: [PieceIndex: Set<BlockRequest>] = [:]
    var begun: Set<PieceIndex> = []
    var now = Instant.zero

    init(seed: UInt64, limits: PickerLimits = PickerLimits(), isGrowing: Bool = false) {
        self.isGrowing = isGrowing
        random = SeededRandom(seed: seed)
        let pieceLength = [16_384, 20_000, 65_536, 262_144][Int.random(in: 0..<4, using: &random)]
        let pieceCount = isGrowing ? 5 : 60
        var size = Int.random(in: 1...pieceCount * pieceLength, using: &random)
        if isGrowing { size = size / pieceLength * pieceLength }
        geometry = PieceGeometry(pieceLength: pieceLength, totalSize: size)
        var have = Bitfield(count: geometry.pieceCount)
        for piece in 0..<geometry.pieceCount where Int.random(in: 0..<8, using: &random) == 0 {
            have.insert(PieceIndex(piece))
        }
        picker = PiecePicker(geometry: geometry, have: have, limits: limits, seed: random.next())
        let orders = [FetchOrder.rarestFirst, .inOrder, FetchOrder(OddOrder())]
        picker.setOrder(orders[Int.random(in: 0..<3, using: &random)], at: now)
    }

    var connected: [PeerSlot] { peers.keys.sorted() }

    mutating func randomPiece() -> PieceIndex {
        PieceIndex(Int.random(in: 0..<max(1, geometry.pieceCount), using: &random))
    }

    mutating func randomPeer() -> PeerSlot? { connected.randomElement(using: &random) }

    /// Returns all peers from which a block has been requested.
    func owing(_ block: BlockRequest) -> [PeerSlot] {
        connected.filter { peers[$0]?.owed.contains(block) ?? false || peers[$0]?.late.contains(block) ?? false }
    }
}

// MARK: What may happen

extension PickerModel {
    mutating func join() {
        guard peers.count < 12, let slot = (0..<16).map({ PeerSlot(rawValue: $0) }).first(where: { peers[$0] == nil })
        else { return }
        var pieces = isGrowing ? makeGrowingPieces() : PeerPieces.all
        if !isGrowing, Int.random(in: 0..<3, using: &random) > 0 {
            var bits = Bitfield(count: geometry.pieceCount)
            let density = Double.random(in: 0...1, using: &random)
            for piece in 0..<geometry.pieceCount where Double.random(in: 0...1, using: &random) < density {
                bits.insert(PieceIndex(piece))
            }
            pieces = .some(bits)
        }
        picker.handlePeerJoined(slot, as: .test(slot.rawValue + 1))
        picker.handlePeerHas(pieces)
        peers[slot] = Peer(pieces: pieces)
    }

    mutating func leave() {
        guard let slot = randomPeer(), let peer = peers.removeValue(forKey: slot) else { return }
        picker.handlePeerLeft(slot, having: peer.pieces)
        settleBegun()
    }

    mutating func announce() {
        guard let slot = randomPeer() else { return }
        let piece = isGrowing ? randomPieceToCome() : randomPiece()
        if peers[slot]?.pieces.insert(piece) == true { picker.handlePeerHas(piece) }
        if let pieces = peers[slot]?.pieces, case .some(let bits) = pieces, Bool.random(using: &random),
            pieces.isSeed || Int.random(in: 0..<20, using: &random) == 0
        {
            peers[slot]?.pieces = .all
            picker.handlePeerBecameSeed(having: bits)
        }
    }

    mutating func lose() {
        guard let slot = randomPeer() else { return }
        let piece = randomPiece()
        let wasSeed = peers[slot]?.pieces == .all
        guard peers[slot]?.pieces.remove(piece, of: geometry.pieceCount) == true else { return }
        if wasSeed { picker.handleSeedLost(piece) } else { picker.handlePeerLost(piece) }
    }

    mutating func request() {
        guard let slot = randomPeer(), let peer = peers[slot] else { return }
        var requests: [BlockRequest] = []
        var query = PickQuery(peer: slot, count: Int.random(in: 0...20, using: &random))
        query.isSlow = Int.random(in: 0..<5, using: &random) == 0
        if Int.random(in: 0..<8, using: &random) == 0 { query.restrictedTo = [randomPiece(), randomPiece()] }
        if Int.random(in: 0..<8, using: &random) == 0 { query.suggested = [randomPiece()] }
        picker.nextRequests(query, from: peer.pieces, at: now, into: &requests)
        #expect(requests.count <= query.count)
        if !peer.late.isEmpty { #expect(requests.isEmpty, "requested from a snubbed peer") }
        for block in requests {
            #expect(peer.pieces[block.piece] && geometry.contains(block) && !picker.have[block.piece])
            #expect(query.restrictedTo?.contains(block.piece) ?? true)
            #expect(
                picker.priority(of: block.piece) != .skip || begun.contains(block.piece),
                "asked for a skipped piece"
            )
            #expect(received[block.piece]?.contains(block) != true, "requested a block that has been received")
            #expect(peers[slot]?.owed.insert(block).inserted == true, "requested a block twice from one peer")
            #expect(
                owing(block).count
                    <= picker.limits.firmRequestersPerBlock + peers.values.count { $0.late.contains(block) }
            )
            begun.insert(block.piece)
        }
    }

    mutating func deliver() {
        guard let slot = randomPeer(), let peer = peers[slot] else { return }
        let all = peer.owed.union(peer.late).sorted { ($0.piece, $0.offset) < ($1.piece, $1.offset) }
        guard let block = all.randomElement(using: &random) else { return }
        let others = owing(block).filter { $0 != slot }
        let arrival = picker.handleBlockBegun(block, from: slot)
        #expect(arrival.map(picker.isArriving) == true)
        var cancels: [PeerSlot] = []
        let reception = picker.handleReceived(block, from: slot, at: now, cancels: &cancels)
        received[block.piece, default: []].insert(block)
        let isWhole = received[block.piece]?.count == geometry.blockCount(of: block.piece)
        #expect(reception == .accepted(completesPiece: isWhole))
        #expect(cancels.sorted() == others, "cancels go to exactly the other peers with a request")
        for owing in others + [slot] {
            peers[owing]?.owed.remove(block)
            peers[owing]?.late.remove(block)
        }
        #expect(picker.handleReceived(block, from: slot, at: now, cancels: &cancels) == .duplicate)
        #expect(picker.handleBlockBegun(block, from: slot) == nil && arrival.map(picker.isArriving) == false)
    }

    mutating func finishPieces() {
        for piece in received.keys.sorted() where received[piece]?.count == geometry.blockCount(of: piece) {
            #expect(picker.isComplete(piece))
            let senders = picker.contributors(of: piece)
            #expect(senders.count == geometry.blockCount(of: piece) && senders.allSatisfy { $0 != nil })
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                picker.handlePieceFailed(piece, badBlocks: nil)
                received[piece] = nil
                begun.remove(piece)
            case 1:
                picker.handlePieceFailed(piece, badBlocks: [0])
                received[piece]?.remove(geometry.block(0, of: piece))
                settleBegun()
            default:
                picker.handlePieceVerified(piece)
                received[piece] = nil
                begun.remove(piece)
            }
        }
    }

    mutating func snub() {
        guard let slot = randomPeer(), let peer = peers[slot] else { return }
        picker.handleSnubbed(slot)
        peers[slot]?.late.formUnion(peer.owed)
        peers[slot]?.owed = []
    }

    mutating func release() {
        guard let slot = randomPeer(), let peer = peers[slot] else { return }
        if Bool.random(using: &random) {
            picker.handleReleasedAll(by: slot)
            peers[slot] = Peer(pieces: peer.pieces)
        } else if let block = peer.owed.min(by: { ($0.piece, $0.offset) < ($1.piece, $1.offset) }) {
            let released = [picker.handleReleased(block, by: slot), picker.handleReleased(block, by: slot)]
            #expect(released == [true, false])
            peers[slot]?.owed.remove(block)
        }
        settleBegun()
    }

    mutating func prioritise() {
        if Int.random(in: 0..<4, using: &random) == 0 {
            picker.setPriorities(
                (0..<geometry.pieceCount).map { _ in FetchPriority.allCases.randomElement(using: &random) ?? .normal }
            )
        } else {
            picker.setPriority(FetchPriority.allCases.randomElement(using: &random) ?? .normal, of: randomPiece())
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            picker.setDeadline(now + .seconds(Int.random(in: 0..<60, using: &random)), of: randomPiece())
        }
    }

    mutating func loseOwn() {
        let piece = randomPiece()
        picker.handlePieceLost(piece)
    }

    mutating func abandon() {
        while let piece = picker.nextAbandonedPiece(at: now) {
            #expect(peers.values.allSatisfy { $0.owed.union($0.late).allSatisfy { $0.piece != piece } })
            received[piece] = nil
            begun.remove(piece)
        }
    }

    /// Pieces without requests and received blocks are no longer open.
    private mutating func settleBegun() {
        begun = begun.filter { piece in
            received[piece]?.isEmpty == false
                || peers.values.contains { $0.owed.union($0.late).contains { $0.piece == piece } }
        }
    }
}

// MARK: What must hold

extension PickerModel {
    func check() {
        #expect(picker.brokenInvariants() == [])
        var wanted = 0
        for index in 0..<geometry.pieceCount {
            let piece = PieceIndex(index)
            let copies = peers.values.count { $0.pieces[piece] }
            #expect(picker.availability(of: piece) == copies)
            let isSkipped = picker.priority(of: piece) == .skip && !begun.contains(piece)
            let isWanted = !picker.have[piece] && !isSkipped && index >= trimmedCount
            #expect(picker.wants(piece) == isWanted, "piece \(piece)")
            wanted += isWanted ? 1 : 0
        }
        #expect(picker.missingPieceCount == wanted && picker.isFinished == (wanted == 0))
        #expect(picker.openPieceCount == begun.count)
        #expect(picker.partialByteCount == received.values.joined().reduce(0) { $0 + Int($1.length) })
        for (slot, peer) in peers {
            let requests = picker.requests(of: slot)
            #expect(Set(requests) == peer.owed.union(peer.late) && Set(requests).count == requests.count)
            let count = (0..<geometry.pieceCount).count { picker.wants(PieceIndex($0)) && peer.pieces[PieceIndex($0)] }
            #expect(picker.wantedCount(in: peer.pieces) == count)
        }
    }
}
