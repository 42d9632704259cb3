// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheStorage
import RucheTesting
import RucheWire

@testable import RucheSwarm

/// Content whose shape the test sets.
struct Clay: Content {
    enum Command: Sendable {
        case reshape(ContentShape)
        case make([[UInt8]])
    }

    static let name: ExtensionName = "rt_clay"
    static let pieceLength = 32_768

    let hashes = InfoHashes(v1: SHA1.hash([1, 2, 3]))
    private(set) var shape = ContentShape(pieceLength: Clay.pieceLength)
    var verifier: any PieceVerifier { NoPieceVerifier() }

    mutating func handle(_ command: Command, in batch: inout ExtensionBatch<Self>) {
        switch command {
        case .reshape(let shape): self.shape = shape
        case .make(let pieces):
            for bytes in pieces {
                let piece = PieceIndex(shape.pieceCount)
                let isTaken = batch.store(bytes, as: piece)
                if isTaken { shape.byteCount += bytes.count }
                batch.report(isTaken ? piece.int : -1)
            }
        }
    }

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {}

    typealias Report = Int
}

/// A swarm core with content of any kind, driven by hand.
final class ContentBench {
    var core: SwarmCore
    var now = Instant.zero + .seconds(1_000)
    private(set) var effects: [SwarmEffect] = []
    private let name: ExtensionName

    init<Body: Content>(_ content: Body, having have: Bitfield? = nil) {
        name = Body.name
        let identity = SwarmCore.Identity(
            hashes: content.hashes,
            peerID: .test(0x80),
            listenPort: 6_881,
            clientName: "test"
        )
        core = SwarmCore(identity: identity, limits: SwarmLimits(), seed: 1, at: now)
        let seed = ContentSeed(content)
        batch { core, batch in
            core.handleContent(seed, have: have ?? Bitfield(count: seed.shape.pieceCount), in: &batch)
            core.handleStarted(in: &batch)
        }
    }

    func batch(_ body: (inout SwarmCore, inout SwarmBatch) -> Void) {
        var batch = SwarmBatch(at: now)
        body(&core, &batch)
        core.settle(in: &batch)
        for case .send(let slot, let message) in batch.effects {
            core.handleTaken(message.byteCount, by: slot, in: &batch)
        }
        effects = batch.effects
    }

    func command(_ command: any Sendable) {
        batch { [name] core, batch in core.handleCommand(command, to: name, in: &batch) }
    }

    /// Changes to whole pieces, of which those before `first` are dropped.
    func reshape(pieces: Int, first: Int = 0, isClosed: Bool = false) {
        let byteCount = pieces * Clay.pieceLength
        command(
            Clay.Command.reshape(
                ContentShape(pieceLength: Clay.pieceLength, byteCount: byteCount, firstPiece: first, isClosed: isClosed)
            )
        )
    }

    func connect(_ number: UInt8) -> PeerSlot? {
        let handshake = Handshake(
            capabilities: [.fast, .extended],
            infoHash: core.identity.hashes.wireHashes[0],
            peerID: .test(number)
        )
        let introduction = PeerIntroduction(
            endpoint: .test(number),
            isIncoming: true,
            handshake: handshake,
            speaksV2: false
        )
        var slot: PeerSlot?
        batch { core, batch in slot = core.handleConnected(introduction, in: &batch) }
        return slot
    }

    func tell(_ messages: PeerMessage..., from slot: PeerSlot) {
        batch { core, batch in for message in messages { core.handleMessage(message, from: slot, in: &batch) } }
    }

    func tick() {
        now = now + SwarmTiming.tick
        batch { core, batch in core.handleTick(in: &batch) }
    }

    func judge(_ piece: Int, _ outcome: PieceOutcome = .stored(digests: [])) {
        batch { core, batch in core.handleOutcome(outcome, of: PieceIndex(piece), in: &batch) }
    }

    func sent(to slot: PeerSlot) -> [PeerMessage] {
        effects.compactMap { if case .send(slot, let message) = $0 { message } else { nil } }
    }

    /// Returns the pieces of which blocks were requested from the peer.
    func asked(of slot: PeerSlot) -> Set<Int> {
        Set(sent(to: slot).compactMap { if case .request(let block) = $0 { block.piece.int } else { nil } })
    }

    // For `#expect`: a core cannot be copied.
    func isConnected(_ slot: PeerSlot) -> Bool { core.peers.contains(slot) }
    func peer(_ slot: PeerSlot) -> ConnectedPeer? { core.peers[slot] }
    var content: SwarmContent? { core.content }
    var isCaughtUp: Bool { core.isCaughtUp }
    var isFinished: Bool { core.isFinished }
    var isSeed: Bool { core.isSeed }
    var stepCount: Int { core.work.stepCount }

    var reports: [Int] {
        effects.compactMap { if case .extensionReport(_, let report) = $0 { report as? Int } else { nil } }
    }

    var misbehaviours: [Misbehaviour] {
        effects.compactMap { if case .misbehaved(_, let misbehaviour) = $0 { misbehaviour } else { nil } }
    }

    func count(_ isCounted: (SwarmEffect) -> Bool) -> Int { effects.count(where: isCounted) }
}

extension PeerMessage {
    /// A bitfield of `byteCount` bytes.
    static func bitfield(_ pieces: [Int], byteCount: Int) -> PeerMessage {
        var bits = Bitfield(count: byteCount * 8)
        for piece in pieces { bits.insert(PieceIndex(piece)) }
        return .bitfield(ByteBuffer(bytes: bits.wireBytes))
    }

    static func have(_ piece: Int) -> PeerMessage { .have(PieceIndex(piece)) }
}
