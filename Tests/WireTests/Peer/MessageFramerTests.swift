// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@Suite struct MessageFramerTests {
    /// Every kind of message, unknown ones, and two blocks.
    private static let stream: [UInt8] = {
        var bytes: [UInt8] = []
        for sample in PeerMessageSamples.all { bytes += sample.bytes + [0, 0, 0, 4, 99, 1, 2, 3] }
        for length in [1, 40] as [UInt32] {
            var header = ByteBuffer()
            BlockRequest(piece: PieceIndex(5), offset: 0, length: length).encodeBlockHeader(into: &header)
            bytes += Array(header.readableBytesView) + (0..<UInt8(length))
            bytes += PeerMessageSamples.all[7].bytes
        }
        return bytes
    }()

    private func frame(_ chunks: [[UInt8]]) throws -> FramedStream {
        var framer = MessageFramer()
        return try FramedStream(chunks, through: &framer)
    }

    @Test func aStreamIsReadWhole() throws {
        let events = try frame([Self.stream]).events
        #expect(events.count == PeerMessageSamples.all.count * 2 + 4)
        #expect(events[1] == .message(.unknown(id: 99, length: 3)))
        #expect(events.last == .message(.request(PeerMessageSamples.block)))
    }

    @Test func everySplitYieldsTheSame() throws {
        let whole = try frame([Self.stream])
        for split in 0...Self.stream.count {
            let parts = try frame([Array(Self.stream[..<split]), Array(Self.stream[split...])])
            #expect(parts == whole, "split at \(split)")
        }
    }

    @Test func byteByByteYieldsTheSame() throws {
        #expect(try frame(Self.stream.map { [$0] }) == frame([Self.stream]))
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func randomChunksYieldTheSame(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var chunks: [[UInt8]] = []
        var rest = Self.stream[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...40, using: &random)
            chunks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        #expect(try frame(chunks) == frame([Self.stream]), "seed \(seed)")
    }

    @Test func payloadIsAnnouncedAsItComes() throws {
        var framer = MessageFramer()
        var input = ByteBuffer(bytes: [0, 0, 0, 14, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0xa, 0xb])
        #expect(try framer.next(from: &input) == .block(BlockRequest(piece: PieceIndex(1), offset: 0, length: 5)))
        #expect(try framer.next(from: &input) == .payload(count: 2, isLast: false))
        #expect(input.readBytes(length: 2) == [0xa, 0xb])
        #expect(try framer.next(from: &input) == nil)
        input.writeBytes([0xc, 0xd, 0xe, 0, 0, 0, 0])
        #expect(try framer.next(from: &input) == .payload(count: 3, isLast: true))
        #expect(input.readBytes(length: 3) == [0xc, 0xd, 0xe])
        #expect(try framer.next(from: &input) == .message(.keepAlive))
    }

    @Test func aBlockWithoutBytesIsWholeAtOnce() throws {
        var framer = MessageFramer()
        var input = ByteBuffer(bytes: [0, 0, 0, 9, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0])
        #expect(try framer.next(from: &input) == .block(BlockRequest(piece: PieceIndex(1), offset: 2, length: 0)))
        #expect(framer.isBetweenMessages)
        #expect(try framer.next(from: &input) == .message(.keepAlive))
    }

    @Test func aMessageKnowsItsLength() {
        #expect(PeerMessageSamples.all.count > 15)
        for sample in PeerMessageSamples.all { #expect(sample.message.byteCount == sample.bytes.count) }
    }

    @Test func payloadsDoNotPinTheReceiveBuffer() throws {
        var framer = MessageFramer()
        var input = ByteBuffer(repeating: 0, count: 1 << 20)
        input.clear()
        input.writeBytes([0, 0, 0, 3, 5, 0xff, 0xff])
        guard case .message(.bitfield(let bits)) = try framer.next(from: &input) else {
            Issue.record("no bitfield")
            return
        }
        #expect(bits.capacity < 1024)
    }
}

// MARK: - Limits

extension MessageFramerTests {
    /// Each message id, with the lengths that `limits` allows for it.
    private static let lengths: [(id: UInt8, allowed: ClosedRange<Int>)] = [
        (0, 1...1), (1, 1...1), (2, 1...1), (3, 1...1), (4, 5...5), (5, 1...11), (6, 13...13), (7, 9...29),
        (8, 13...13), (9, 3...3), (13, 5...5), (14, 1...1), (15, 1...1), (16, 13...13), (17, 5...5), (20, 2...32),
        (21, 49...49), (22, 49...113), (23, 49...49), (99, 1...40),
    ]

    private static let limits = {
        var limits = PeerLimits()
        limits.bitfieldByteCount = 10
        limits.blockByteCount = 20
        limits.extendedByteCount = 30
        limits.hashCount = 2
        limits.unknownByteCount = 39
        return limits
    }()

    @Test func lengthsAreJudgedBeforeTheBody() throws {
        #expect(Self.lengths.count > 15)
        for (id, allowed) in Self.lengths {
            for length in [1, allowed.lowerBound - 1, allowed.upperBound + 1, 1 << 20, Int(UInt32.max)]
            where length > 0 && !allowed.contains(length) {
                var framer = MessageFramer(limits: Self.limits)
                var input = ByteBuffer(integer: UInt32(length))
                input.writeInteger(id)
                let error = #expect(throws: PeerProtocolError.self, "id \(id), \(length) bytes") {
                    try framer.next(from: &input)
                }
                #expect(error?.code == .badLength)
                #expect(error?.found == "\(length)")
                #expect(error?.expected.contains("\(allowed.upperBound)") == true)
                #expect(error?.message.contains("\(id)") == true)
            }
        }
    }

    @Test func lengthsAtTheirBoundsPass() throws {
        #expect(Self.lengths.count > 15)
        for (id, allowed) in Self.lengths {
            for length in [allowed.lowerBound, allowed.upperBound] {
                var framer = MessageFramer(limits: Self.limits)
                var input = ByteBuffer(integer: UInt32(length))
                input.writeInteger(id)
                input.writeRepeatingByte(0, count: length - 1)
                #expect(try framer.next(from: &input) != nil, "id \(id), \(length) bytes")
            }
        }
    }

    @Test func bitfieldHasExactlyThePiecesOnceTheirNumberIsKnown() throws {
        for (pieces, bytes) in [(0, 0), (1, 1), (8, 1), (9, 2), (1000, 125)] {
            for delta in [-1, 0, 1] where bytes + delta >= 0 {
                var framer = MessageFramer()
                framer.setPieceCount(pieces)
                let payload = ByteBuffer(repeating: 0, count: bytes + delta)
                var input = ByteBuffer()
                PeerMessage.bitfield(payload).encode(into: &input)
                if delta == 0 {
                    #expect(try framer.next(from: &input) == .message(.bitfield(payload)))
                } else {
                    #expect(throws: PeerProtocolError.self) { try framer.next(from: &input) }
                }
            }
        }
    }

    @Test func mutatedStreamsNeverCrash() throws {
        try forEachMutation(seeds: 0..<3000) { seed, random in
            var bytes = Self.stream
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            do {
                for event in try frame([bytes]).events {
                    guard case .message(let message) = event else { continue }
                    if case .unknown = message { continue }
                    var out = ByteBuffer()
                    message.encode(into: &out)
                    #expect(try frame([Array(out.readableBytesView)]).events == [event], "seed \(seed)")
                }
                return true
            } catch let error as PeerProtocolError {
                #expect(error.code == .badLength, "seed \(seed)")
                return false
            }
        }
    }
}
