// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// Every message, repeated a thousand times between two ticks by the worst of peers, in swarms of a million pieces and
/// ninety peers. The cost is counted, not timed: a number of steps in proportion to the bytes, and a fixed number per
/// tick.
@Suite("The cost of a message is in proportion to its bytes", .serialized)
struct WorkTests {
    private static let pieceCount = 1 << 20
    private static let roundCount = 1_000
    /// Steps between two ticks that do not depend on any bytes.
    private static let stepsPerTick = 250_000
    private static let stepsPerByte = 16

    /// No peer has the content: it is long, and only its geometry matters.
    private static let huge = Result {
        let pieceLength = 32_768
        let file = MetainfoBuilder.File(path: [], size: pieceCount * pieceLength)
        var builder = MetainfoBuilder(name: "huge", format: .v1, pieceLength: pieceLength, files: [file])
        builder.pieceHashes = PieceHashes(bytes: [UInt8](repeating: 7, count: 20 * pieceCount)) ?? PieceHashes()
        return try builder.makeMetainfo()
    }

    /// Our state, and that of the peer that sends the messages.
    enum State: String, CaseIterable, Sendable {
        case leecherAmongSeeds
        case leecherAmongLeechers
        case leecherWithoutFast
        case seed
        case superSeed
        case withoutMetadata
    }

    /// What is sent in one round.
    struct Conduct: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let messages: @Sendable (_ round: Int) -> [PeerMessage]
    }

    private static let block = BlockRequest(piece: PieceIndex(3), offset: 0, length: 16_384)
    private static let hashRequest = HashRequest(
        root: SHA256.hash([1]),
        baseLayer: 1,
        index: 0,
        length: 512,
        proofLayers: 0
    )

    private static func extended(_ id: OwnExtension, _ payload: ByteBuffer) -> PeerMessage {
        .extended(id: id.rawValue, payload: payload)
    }

    private static func handshake(_ change: (inout ExtendedHandshake) -> Void) -> PeerMessage {
        var handshake = ExtendedHandshake()
        change(&handshake)
        return .extended(id: ExtendedHandshake.id, payload: handshake.encoded())
    }

    private static func piece(_ round: Int) -> PieceIndex { PieceIndex(round * 997 % pieceCount) }

    private static let conducts: [Conduct] = [
        Conduct(testDescription: "keep-alive") { _ in [.keepAlive] },
        Conduct(testDescription: "choke, unchoke") { _ in [.choke, .unchoke] },
        Conduct(testDescription: "interested, not interested") { _ in [.interested, .notInterested] },
        Conduct(testDescription: "not interested, interested") { _ in [.notInterested, .interested] },
        Conduct(testDescription: "have") { [.have(piece($0))] },
        Conduct(testDescription: "have, piece after piece") { [.have(PieceIndex($0))] },
        Conduct(testDescription: "have all") { _ in [.haveAll] },
        Conduct(testDescription: "have none, have all") { _ in [.haveNone, .haveAll] },
        Conduct(testDescription: "have all, don't have") {
            [.haveAll, extended(.dontHave, DontHaveMessage(piece($0)).encoded())]
        },
        Conduct(testDescription: "don't have, have") {
            [extended(.dontHave, DontHaveMessage(piece($0)).encoded()), .have(piece($0))]
        },
        Conduct(testDescription: "request") { _ in [.request(block)] },
        Conduct(testDescription: "requests all over the content") {
            [.request(BlockRequest(piece: piece($0), offset: 0, length: 16_384))]
        },
        Conduct(testDescription: "request, cancel") { _ in [.request(block), .cancel(block)] },
        Conduct(testDescription: "suggest") { [.suggest(piece($0))] },
        Conduct(testDescription: "reject") { [.reject(BlockRequest(piece: piece($0), offset: 0, length: 16_384))] },
        Conduct(testDescription: "allowed fast") { [.allowedFast(piece($0))] },
        Conduct(testDescription: "hash request") { _ in [.hashRequest(hashRequest)] },
        Conduct(testDescription: "hash reject") { _ in [.hashReject(hashRequest)] },
        Conduct(testDescription: "hashes") { _ in [.hashes(hashRequest, ByteBuffer(repeating: 0, count: 64))] },
        Conduct(testDescription: "extended handshake") { round in
            [
                handshake {
                    $0.extensions[ExtensionName.metadata] = 3
                    $0.metadataByteCount = 1_000_000 + round % 2
                    $0.listenPort = UInt16(truncatingIfNeeded: 1 + round)
                }
            ]
        },
        Conduct(testDescription: "upload only") { [extended(.uploadOnly, UploadOnlyMessage($0 % 2 == 0).encoded())] },
        Conduct(testDescription: "metadata request") {
            [extended(.metadata, MetadataMessage.request(piece: $0 % 2).encoded())]
        },
        Conduct(testDescription: "metadata reject") { _ in
            [extended(.metadata, MetadataMessage.reject(piece: 0).encoded())]
        },
        Conduct(testDescription: "peer exchange") { round in
            let contact = PeerEndpoint(address: IPAddress(v4: UInt32(0x0b00_0000 + round)), port: 6_881)
            return [extended(.peerExchange, PeerExchangeMessage(added: [.init(contact)]).encoded())]
        },
    ]

    /// With `Parrot` beside the engine's own messages.
    private static let extensionConducts: [Conduct] = [
        Conduct(testDescription: "message that an extension answers") { _ in [parrot("?")] },
        Conduct(testDescription: "long message to an extension") { _ in [parrot(String(repeating: "a", count: 1_000))]
        },
        Conduct(testDescription: "message that an extension does not allow") { _ in [parrot("x")] },
        Conduct(testDescription: "an unassigned id") { _ in
            [.extended(id: 77, payload: ByteBuffer(bytes: [1]))]
        },
        Conduct(testDescription: "a name added and removed") { round in
            [handshake { $0.extensions[Parrot.name] = round % 2 == 0 ? 9 : 0 }]
        },
        Conduct(testDescription: "a hundred new names") { round in
            [handshake { for number in 0..<100 { $0.extensions["x\(round)-\(number)"] = 1 } }]
        },
    ]

    private static func parrot(_ text: String) -> PeerMessage {
        .extended(id: Parrot.ownID, payload: ByteBuffer(string: text))
    }

    /// A swarm in the given state.
    private func makeBench(_ state: State, hasExtension: Bool = false) throws -> CoreBench {
        var limits = SwarmLimits()
        // A flooding peer would be dropped long before; here the cost of each message counts.
        limits.queuedRequestsPerPeer = 4_096
        let bench = CoreBench(try Self.huge.get(), limits: limits)
        if state != .withoutMetadata {
            let isSeed = state == .seed || state == .superSeed
            bench.open(Bitfield(count: Self.pieceCount, allSet: isSeed), isSuperSeeding: state == .superSeed)
        }
        if hasExtension { bench.attachParrot() }
        for number in 1...90 as ClosedRange<UInt8> {
            let slot = try join(bench, state, number)
            if hasExtension { bench.greet(from: slot) { $0.extensions[Parrot.name] = 9 } }
        }
        bench.wait(.seconds(1))
        return bench
    }

    private func join(_ bench: CoreBench, _ state: State, _ number: UInt8) throws -> PeerSlot {
        let isFast = state != .leecherWithoutFast
        let slot = try #require(bench.connect(number, isFast ? [.fast, .extended] : [.extended]))
        // A super seed's peers together have all pieces: every piece is claimed by some peer.
        let isOtherHalf = state == .superSeed && number % 2 == 1
        let description = state == .leecherAmongSeeds ? .haveAll : Self.bitfield(isOtherHalf ? 0x55 : 0xaa)
        bench.tell(description, .interested, .unchoke, from: slot)
        return slot
    }

    private static func bitfield(_ byte: UInt8) -> PeerMessage {
        .bitfield(ByteBuffer(repeating: byte, count: pieceCount / 8))
    }

    @Test(arguments: State.allCases) func everyMessage(state: State) throws {
        try expectCheap(Self.conducts, in: state, try makeBench(state))
    }

    @Test(arguments: State.allCases) func everyMessageOfAnExtension(state: State) throws {
        let bench = try makeBench(state, hasExtension: true)
        try expectCheap(Self.extensionConducts, in: state, bench)
    }

    private func expectCheap(_ conducts: [Conduct], in state: State, _ bench: CoreBench) throws {
        for conduct in conducts {
            let slot = try join(bench, state, 100)
            bench.wait(SwarmTiming.tick)
            let before = bench.core.work.stepCount
            var byteCount = 0
            for round in 0..<Self.roundCount where bench.isConnected(slot) {
                for message in conduct.messages(round) {
                    bench.tell(message, from: slot)
                    byteCount += message.byteCount
                }
            }
            // A dropped peer's bitfield is removed with it, and its bytes have paid for that.
            if !bench.isConnected(slot) { byteCount += Self.pieceCount / 8 }
            let steps = bench.core.work.stepCount - before
            let allowed = Self.stepsPerTick + Self.stepsPerByte * byteCount
            #expect(steps <= allowed, "\(conduct.testDescription) \(state): \(steps) steps for \(byteCount) bytes")
            // Deferred work is done once.
            let beforeTick = bench.core.work.stepCount
            bench.wait(SwarmTiming.tick)
            #expect(bench.core.work.stepCount - beforeTick <= 16 * Self.pieceCount, "\(conduct.testDescription): tick")
            bench.batch { core, batch in core.handleClosed(slot, in: &batch) }
        }
    }

    @Test("A seed that comes and goes costs no scan of all pieces") func connections() throws {
        let bench = try makeBench(.leecherAmongSeeds)
        let before = bench.core.work.stepCount
        for _ in 0..<100 {
            let slot = try #require(bench.connect(200))
            bench.tell(.haveAll, .unchoke, from: slot)
            bench.batch { core, batch in core.handleClosed(slot, in: &batch) }
        }
        #expect(bench.core.work.stepCount - before <= Self.stepsPerTick)
    }

    @Test("A failed dial and a closed connection cost no scan of all known endpoints")
    func endpoints() throws {
        let bench = CoreBench(try Self.huge.get())
        let known = (0..<4_000 as Range<UInt32>).map {
            PeerEndpoint(address: IPAddress(v4: 0x0b00_0000 + $0), port: 6_881)
        }
        bench.batch { core, batch in core.handleFound(known, from: .tracker, in: &batch) }
        #expect(
            bench.dials.count == bench.core.limits.dialsPerTorrent && bench.core.connections.list.count == known.count
        )
        let before = bench.core.work.stepCount
        var failureCount = 0
        for _ in 0..<Self.roundCount {
            for dial in bench.dials {
                bench.batch { core, batch in core.handleDialFailed(dial, in: &batch) }
                failureCount += 1
            }
            let next = try #require(bench.connect(200))
            bench.batch { core, batch in core.handleClosed(next, in: &batch) }
        }
        #expect(failureCount > 0)
        #expect(bench.core.work.stepCount - before <= Self.stepsPerTick)
    }
}
