// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire

@testable import RucheSwarm

/// A swarm core driven by hand. Each call is a batch: it is settled, and the core's requests are in `effects`.
final class CoreBench {
    let metainfo: Metainfo
    /// Peers that read nothing from their sockets.
    var neverRead: Set<PeerSlot> = []
    var core: SwarmCore
    var now = Instant.zero + .seconds(1_000)
    /// The effects of the last batch.
    private(set) var effects: [SwarmEffect] = []

    convenience init(
        _ torrent: VirtualTorrent,
        limits: SwarmLimits = SwarmLimits(),
        ourID: UInt8 = 0x80,
        network: NetworkPolicy = NetworkPolicy(),
        dhtPort: UInt16 = 0
    ) {
        self.init(torrent.metainfo, limits: limits, ourID: ourID, network: network, dhtPort: dhtPort)
    }

    init(
        _ metainfo: Metainfo,
        limits: SwarmLimits = SwarmLimits(),
        ourID: UInt8 = 0x80,
        network: NetworkPolicy = NetworkPolicy(),
        dhtPort: UInt16 = 0
    ) {
        self.metainfo = metainfo
        let identity = SwarmCore.Identity(
            hashes: metainfo.info.hashes,
            peerID: .test(ourID),
            listenPort: 6_881,
            dhtPort: dhtPort,
            clientName: "test"
        )
        core = SwarmCore(identity: identity, limits: limits, network: network, seed: 1, at: now)
        batch { core, batch in core.handleStarted(in: &batch) }
    }

    /// Creates a core with open content.
    convenience init(
        _ torrent: VirtualTorrent,
        isSeed: Bool,
        isSuperSeeding: Bool = false,
        hasLayers: Bool = true,
        limits: SwarmLimits = SwarmLimits(),
        ourID: UInt8 = 0x80,
        network: NetworkPolicy = NetworkPolicy(),
        dhtPort: UInt16 = 0
    ) {
        self.init(torrent, limits: limits, ourID: ourID, network: network, dhtPort: dhtPort)
        let have = Bitfield(count: torrent.info.geometry.pieceCount, allSet: isSeed)
        open(have, isSuperSeeding: isSuperSeeding, hasLayers: hasLayers)
    }

    func open(_ have: Bitfield, isSuperSeeding: Bool = false, hasLayers: Bool = true) {
        let opening = ContentOpening(
            info: metainfo.info,
            layers: hasLayers ? metainfo.pieceLayers : [:],
            have: have,
            isSuperSeeding: isSuperSeeding
        )
        batch { core, batch in core.handleContent(opening, in: &batch) }
    }

    func batch(_ body: (inout SwarmCore, inout SwarmBatch) -> Void) {
        var batch = SwarmBatch(at: now)
        defer { effects = batch.effects }
        body(&core, &batch)
        core.settle(in: &batch)
        var index = 0
        while index < batch.effects.count {
            if case .send(let slot, let message) = batch.effects[index], !neverRead.contains(slot) {
                core.handleTaken(message.byteCount, by: slot, in: &batch)
            }
            index += 1
        }
    }

    /// Connects a peer with an address of its own, by its number, unless it comes from `endpoint`.
    func connect(
        _ number: UInt8,
        from endpoint: PeerEndpoint? = nil,
        id: UInt8? = nil,
        _ capabilities: Handshake.Capabilities = [.fast, .extended],
        isIncoming: Bool = true,
        speaksV2: Bool = false
    ) -> PeerSlot? {
        let handshake = Handshake(
            capabilities: capabilities,
            infoHash: metainfo.info.hashes.wireHashes[0],
            peerID: .test(id ?? number)
        )
        let introduction = PeerIntroduction(
            endpoint: endpoint ?? .test(number, isIncoming ? 50_000 : 6_881),
            isIncoming: isIncoming,
            handshake: handshake,
            speaksV2: speaksV2,
            isNamed: isIncoming || !core.withholdsID(from: .test(number))
        )
        var slot: PeerSlot?
        batch { core, batch in slot = core.handleConnected(introduction, in: &batch) }
        return slot
    }

    func tell(_ messages: PeerMessage..., from slot: PeerSlot) {
        batch { core, batch in
            for message in messages { core.handleMessage(message, from: slot, in: &batch) }
        }
    }

    /// Receives a peer's extended handshake.
    func greet(from slot: PeerSlot, _ change: (inout ExtendedHandshake) -> Void) {
        var handshake = ExtendedHandshake()
        change(&handshake)
        tell(.extended(id: ExtendedHandshake.id, payload: handshake.encoded()), from: slot)
    }

    /// Lets time pass, tick by tick; effects of all ticks are kept.
    func wait(_ interval: Interval) {
        let end = now + interval
        var all: [SwarmEffect] = []
        while now < end {
            now = min(end, now + SwarmTiming.tick)
            batch { core, batch in core.handleTick(in: &batch) }
            all += effects
        }
        effects = all
    }

    /// The peer delivers a block that was requested from it.
    func deliver(_ block: BlockRequest, from slot: PeerSlot) {
        batch { core, batch in
            if let arrival = core.handleBlockBegun(block, from: slot) {
                _ = core.handleBlock(arrival, from: slot, in: &batch)
            } else {
                core.handleUnwanted(block, from: slot, in: &batch)
            }
        }
    }

    func judge(_ piece: PieceIndex, _ outcome: PieceOutcome) {
        batch { core, batch in core.handleOutcome(outcome, of: piece, in: &batch) }
    }

    func isConnected(_ slot: PeerSlot) -> Bool { core.peers.contains(slot) }

    // MARK: - Effects of the last batch

    func sent(to slot: PeerSlot) -> [PeerMessage] {
        effects.compactMap { if case .send(slot, let message) = $0 { message } else { nil } }
    }

    func requests(to slot: PeerSlot) -> [BlockRequest] {
        sent(to: slot).compactMap { if case .request(let block) = $0 { block } else { nil } }
    }

    func hashRequests(to slot: PeerSlot) -> [HashRequest] {
        sent(to: slot).compactMap { if case .hashRequest(let request) = $0 { request } else { nil } }
    }

    /// Extended messages under the id that the peer has assigned.
    func extended(_ id: UInt8, to slot: PeerSlot) -> [ByteBuffer] {
        sent(to: slot).compactMap { if case .extended(id, let payload) = $0 { payload } else { nil } }
    }

    func disconnection(of slot: PeerSlot) -> DisconnectReason? {
        effects.lazy.compactMap { if case .disconnect(slot, let reason) = $0 { reason } else { nil } }.first
    }

    var misbehaviours: [Misbehaviour] {
        effects.compactMap { if case .misbehaved(_, let misbehaviour) = $0 { misbehaviour } else { nil } }
    }

    var bans: [IPAddress] { effects.compactMap { if case .banned(let address) = $0 { address } else { nil } } }

    var dials: [PeerEndpoint] { effects.compactMap { if case .dial(let endpoint) = $0 { endpoint } else { nil } } }

    var judgements: [PieceIndex] { effects.compactMap { if case .judge(let piece, _) = $0 { piece } else { nil } } }
}

extension PeerID {
    static func test(_ number: UInt8) -> PeerID {
        PeerID(SHA1Digest([UInt8](repeating: number, count: 20)) ?? SHA1.hash([number]))
    }
}

extension PeerEndpoint {
    static func test(_ number: UInt8, _ port: UInt16 = 6_881) -> PeerEndpoint {
        PeerEndpoint(address: IPAddress(v4: 0x0a00_0000 | UInt32(number)), port: port)
    }
}

extension BlockSource {
    /// A peer with an address of its own, by its number.
    static func test(_ number: UInt32) -> BlockSource { .peer(IPAddress(v4: number), connection: UInt64(number)) }
}
