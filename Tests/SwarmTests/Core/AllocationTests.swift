// SPDX-License-Identifier: Apache-2.0

import CAllocations
import NIOCore
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// Messages that arrive by the thousand per second allocate nothing: from the bytes of a read, through framer and core,
/// to the bytes of the answer. Each test first lets buffers and tables grow to their size.
@Suite("Frequent messages allocate nothing", .enabled(if: ruche_counts_allocations() != 0, "needs glibc"))
struct AllocationTests {
    private static let pieceCount = 256
    private static let blocksPerPiece = 4

    private let torrent: VirtualTorrent

    init() throws {
        let pieceLength = Self.blocksPerPiece * Block.byteCount
        torrent = try VirtualTorrent(.v1, pieceLength: pieceLength, fileSizes: [Self.pieceCount * pieceLength], seed: 1)
    }

    private func allocations(_ body: () throws -> Void) rethrows -> UInt {
        let before = ruche_allocation_count()
        try body()
        return ruche_allocation_count() - before
    }

    @Test("The counter counts") func counter() {
        var kept: [[Int]] = []
        kept.reserveCapacity(10)
        #expect(allocations { for size in 1...10 { kept.append(Array(repeating: 7, count: size * 100)) } } >= 10)
    }

    @Test("have") func have() throws {
        let link = try Link(torrent, have: Bitfield(count: Self.pieceCount))
        let warmUp = link.encoded((0..<100).map { .have(PieceIndex($0)) })
        let measured = link.encoded((100..<200).map { .have(PieceIndex($0)) })
        try link.take(warmUp)
        #expect(try allocations { try link.take(measured) } == 0)
        #expect(link.bench.core.peers[link.slot]?.pieces.setCount(of: Self.pieceCount) == 200)
    }

    @Test("request, and the block that answers it") func request() throws {
        let link = try Link(torrent, have: Bitfield(count: Self.pieceCount, allSet: true))
        try link.take(link.encoded([.interested]))
        let geometry = torrent.info.geometry
        let requests = (0..<64).map { link.encoded([.request(geometry.block($0 % 4, of: PieceIndex($0 / 4)))]) }
        for bytes in requests[..<32] { try link.answer(bytes) }
        #expect(try allocations { for bytes in requests[32...] { try link.answer(bytes) } } == 0)
        #expect(link.answeredCount == 64)
    }

    @Test("piece, and the request that follows it") func piece() throws {
        let link = try Link(torrent, have: Bitfield(count: Self.pieceCount))
        try link.take(link.encoded([.haveAll, .unchoke]))
        #expect(link.requests.count > 1)
        var counted: UInt = 0
        for round in 0..<500 {
            let block = try #require(link.requests.first)
            let bytes = link.encodedBlock(block)
            let count = try allocations { try link.take(bytes) }
            // A complete piece is judged and announced to all peers: that may allocate, a block may not.
            if !link.judgeCompleted(), round >= 300 { counted += count }
        }
        #expect(counted == 0)
    }
}

/// A connection to a core: bytes in, bytes out.
private final class Link {
    let bench: CoreBench
    let slot: PeerSlot
    /// Blocks that we requested and that have not arrived.
    private(set) var requests: [BlockRequest] = []
    private(set) var answeredCount = 0
    private var framer = MessageFramer()
    private var batch: SwarmBatch
    private var outgoing = ByteBuffer()
    private var completed: [PieceIndex] = []

    init(_ torrent: VirtualTorrent, have: Bitfield) throws {
        bench = CoreBench(torrent)
        bench.open(have)
        slot = try #require(bench.connect(1, [.fast]))
        batch = SwarmBatch(at: bench.now)
        requests.reserveCapacity(1_024)
        outgoing.reserveCapacity(64 << 10)
        completed.reserveCapacity(8)
    }

    func encoded(_ messages: [PeerMessage]) -> ByteBuffer {
        var bytes = ByteBuffer()
        for message in messages { message.encode(into: &bytes) }
        return bytes
    }

    func encodedBlock(_ block: BlockRequest) -> ByteBuffer {
        var bytes = ByteBuffer()
        block.encodeBlockHeader(into: &bytes)
        bytes.writeRepeatingByte(0, count: Int(block.length))
        return bytes
    }

    /// One read of the socket, as the driver handles it.
    func take(_ bytes: ByteBuffer) throws {
        var input = bytes
        var arriving: BlockArrival?
        while let output = try framer.next(from: &input) {
            switch output {
            case .message(let message):
                bench.core.handleMessage(message, from: slot, in: &batch)
            case .block(let block):
                arriving = bench.core.handleBlockBegun(block, from: slot)
            case .payload(let count, let isLast):
                input.moveReaderIndex(forwardBy: count)
                guard isLast, let arrival = arriving else { continue }
                requests.removeAll { $0 == arrival.block }
                _ = bench.core.handleBlock(arrival, from: slot, in: &batch)
            }
        }
        bench.core.settle(in: &batch)
        carryOut()
    }

    /// A request arrives, and its block is sent.
    func answer(_ bytes: ByteBuffer) throws {
        try take(bytes)
        while let block = bench.core.nextUpload(for: slot) {
            block.encodeBlockHeader(into: &outgoing)
            bench.core.handleUploaded(block, to: slot, in: &batch)
            answeredCount += 1
        }
        outgoing.clear()
    }

    private func carryOut() {
        for index in batch.effects.indices {
            switch batch.effects[index] {
            case .send(let slot, let message):
                bench.core.handleTaken(message.byteCount, by: slot, in: &batch)
                if case .request(let block) = message { requests.append(block) }
                message.encode(into: &outgoing)
            case .judge(let piece, _): completed.append(piece)
            default: break
            }
        }
        batch.removeAll()
        outgoing.clear()
    }

    /// Returns whether the last block completed a piece, which is then judged correct.
    func judgeCompleted() -> Bool {
        guard let piece = completed.popLast() else { return false }
        bench.core.handleOutcome(.stored(digests: []), of: piece, in: &batch)
        bench.core.settle(in: &batch)
        carryOut()
        return true
    }
}
