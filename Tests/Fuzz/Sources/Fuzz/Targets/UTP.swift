// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

extension FuzzTarget {
    /// Parses a datagram. Its header must be written as it was read, and its extensions must lie within it.
    static let utpPacket = FuzzTarget(name: "utp-packet", seeds: { utpPacketSeeds }) { bytes in
        bytes.withUnsafeBytes { buffer in
            let datagram = RawSpan(_unsafeBytes: buffer)
            guard let packet = UTPPacket(parsing: datagram) else { return }
            require(UTPHeader.recognises(datagram), "what is parsed is recognised")
            var out = ByteBuffer()
            packet.header.write(into: &out, firstExtension: bytes[1])
            require(Array(out.readableBytesView) == Array(bytes.prefix(UTPHeader.byteCount)), "a header has one form")
            let bits = packet.selectiveAck
            require(bits.count <= UTPExtension.selectiveAckBits / 8, "a selective ack is bounded")
            require(bits.count.isMultiple(of: 4), "a selective ack is whole words")
            require(bits.isEmpty || bits.lowerBound >= UTPHeader.byteCount, "it lies behind the header")
            require(bits.upperBound <= packet.payload.lowerBound, "and before the payload")
            require(packet.payload.upperBound == bytes.count, "the payload is the rest")
        }
    }

    /// Runs a connection whose peer sends anything: selective acks of packets in flight, packets out of order, FINs, RESETs.
    /// The first byte decides who dialled. The rest is a sequence of events.
    static let utpConnection = FuzzTarget(name: "utp-connection", seeds: { utpConnectionSeeds }) { bytes in
        var tape = Tape(bytes)
        var play = UTPPlay(&tape)
        while !tape.isAtEnd { play.step(&tape) }
        play.finish()
    }

    private static let utpPacketSeeds: [[UInt8]] = {
        var seeds: [[UInt8]] = []
        for kind in [UTPHeader.Kind.data, .fin, .state, .reset, .syn] {
            for chain in [[], [1, 0, 4, 1, 0, 0, 128], [1, 80, 8, 255, 0, 0, 0, 0, 0, 0, 1, 0, 2, 7, 7]] as [[UInt8]] {
                var out = ByteBuffer()
                UTPHeader(kind, connectionID: 7, sequence: UTPSequence(65_535), acknowledged: UTPSequence(9))
                    .write(into: &out, firstExtension: chain.first ?? 0)
                out.writeBytes(chain.dropFirst())
                out.writeBytes([1, 2, 3])
                seeds.append(Array(out.readableBytesView))
            }
        }
        return seeds
    }()

    /// Sequences of steps. The first byte of a step is its kind, and the others are its arguments.
    private static let utpConnectionSeeds: [[UInt8]] = {
        let answer: [UInt8] = [2, 0, 5, 0, 0, 0, 100, 0, 0]
        let write: [UInt8] = [6, 40]
        let data: [UInt8] = [0, 0, 0, 0, 0, 0, 255, 0, 200]
        let ahead: [UInt8] = [0, 0, 3, 0, 0, 0, 255, 0, 9]
        let acks: [UInt8] = [2, 0, 0, 255, 251, 0, 255, 8, 0, 1, 2, 3, 255, 0, 0, 0, 0]
        let end: [UInt8] = [1, 0, 0, 0, 0, 0, 255, 0, 0]
        let (late, batch, read, close): ([UInt8], [UInt8], [UInt8], [UInt8]) = ([8, 200], [7], [9], [10])
        let talk =
            write + batch + data + ahead + batch + acks + batch + late + read + data + end + batch + close + batch
        return [[0] + batch + answer + talk, [1, 9, 0] + data + talk, [0] + batch + late + late + late]
    }()
}

/// A connection, what its peer knows of it, and the conditions that must hold.
private struct UTPPlay {
    private static let limits = {
        var limits = UTPLimits()
        limits.receiveBytes = 20_000
        limits.reorderPackets = 64
        limits.sendPackets = 64
        limits.windowBytes = 60_000
        limits.packetsPerProbe = 8
        return limits
    }()

    private var core: UTPConnection
    private var now = Instant.zero
    /// The last packet that the connection sent.
    private var lastSent = UTPSequence(0)
    /// The sequence number of the peer's next packet.
    private var next = UTPSequence(1000)
    private var givenByteCount = 0
    private var readByteCount = 0
    private var buffer = ByteBuffer()

    init(_ tape: inout Tape) {
        let random = SeededRandom(seed: 1)
        if tape.nextByte() & 1 == 0 {
            core = UTPConnection(dialling: 40, Self.limits, random: random, at: .zero)
        } else {
            var syn = UTPHeader(.syn, connectionID: 39, sequence: next - 1, acknowledged: UTPSequence(0))
            syn.window = UInt32(tape.nextUInt16())
            core = UTPConnection(accepting: syn, Self.limits, random: random, at: .zero)
        }
        drain()
    }

    mutating func step(_ tape: inout Tape) {
        let what = tape.nextByte()
        switch what % 12 {
        case 0...4: receive(UTPHeader.Kind(rawValue: what % 12) ?? .data, &tape)
        case 5: pass(tape.nextBytes(Int(tape.nextByte())))
        case 6: write(Int(tape.nextByte()) * 256)
        case 7: drain()
        case 8: wait(.milliseconds(Int64(tape.nextByte()) * 50))
        case 9: read()
        case 10: core.close(at: now)
        default: core.abort(at: now)
        }
        check()
    }

    /// Checks that the connection ends, whatever happened before.
    mutating func finish() {
        core.close(at: now)
        for _ in 0..<200 where !core.isOver(at: now) { wait(.seconds(10 as Int)) }
        require(core.isOver(at: now), "a connection ends")
    }

    /// Passes a packet in whose numbers are relative to what both sides expect.
    private mutating func receive(_ kind: UTPHeader.Kind, _ tape: inout Tape) {
        let sequence = next + Int(Int16(bitPattern: tape.nextUInt16()))
        let acknowledged = lastSent + Int(Int16(bitPattern: tape.nextUInt16()))
        var header = UTPHeader(kind, connectionID: 40, sequence: sequence, acknowledged: acknowledged)
        header.window = UInt32(tape.nextByte()) << 8
        header.timestamp = UInt32(tape.nextByte()) << 12
        header.timestampDifference = header.timestamp
        let bits = tape.nextBytes(Int(tape.nextByte()))
        let payload = [UInt8](repeating: 7, count: kind == .state ? 0 : Int(tape.nextByte()) * 4)
        var out = ByteBuffer()
        header.write(into: &out, firstExtension: bits.isEmpty ? 0 : UTPExtension.selectiveAck)
        if !bits.isEmpty { out.writeBytes([0, UInt8(bits.count)] + bits) }
        out.writeBytes(payload)
        givenByteCount += payload.count
        if kind == .data, sequence == next { next += 1 }
        pass(Array(out.readableBytesView))
    }

    private mutating func pass(_ datagram: [UInt8]) {
        givenByteCount += datagram.count
        datagram.withUnsafeBytes { core.handle(RawSpan(_unsafeBytes: $0), at: now) }
    }

    private mutating func write(_ byteCount: Int) {
        guard core.unsentByteCount < 1 << 20 else { return }
        core.write(ByteBuffer(repeating: 1, count: byteCount))
    }

    private mutating func read() { readByteCount += core.read().readableBytes }

    private mutating func wait(_ interval: Interval) {
        now = now + interval
        if let timeout = core.nextTimeout, timeout <= now { core.handleTimeout(at: now) }
        drain()
    }

    /// Takes all datagrams that the connection sends now. Their number is bounded by the windows.
    private mutating func drain() {
        core.handleBatchEnd(at: now)
        var count = 0
        while true {
            buffer.clear()
            guard let length = core.nextDatagram(into: &buffer, at: now) else { break }
            count += 1
            require(count <= 2 * Self.limits.sendPackets + 4, "a connection has an end of what it says at once")
            require(length == buffer.readableBytes && length <= Self.limits.datagramBytes, "a datagram fits")
            let header = buffer.withUnsafeReadableBytes { UTPHeader(parsing: RawSpan(_unsafeBytes: $0)) }
            require(header != nil, "what is sent is a packet")
            if let header, header.kind == .data || header.kind == .fin || header.kind == .syn {
                lastSent = header.sequence
            } else if let header {
                lastSent = header.sequence - 1
            }
        }
    }

    private func check() {
        require(core.readableByteCount <= Self.limits.receiveBytes, "what is received is bounded")
        require(readByteCount + core.readableByteCount <= givenByteCount, "no byte is made up")
    }
}
