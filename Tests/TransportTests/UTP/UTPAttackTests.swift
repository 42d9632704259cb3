// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

/// Peers that lie, and strangers that guess.
struct UTPAttackTests {
    @Test func acksOfWhatWasNeverSentAreIgnoredAndThenCutOff() throws {
        var pair = Pair()
        pair.core.write(ByteBuffer(repeating: 1, count: 5000))
        let sentCount = pair.drain().count
        #expect(sentCount == 5)
        for count in 1...7 {
            pair.receive(.state, acknowledged: pair.core.sending.next + 100)
            #expect(pair.core.bogusAckCount == count)
            #expect(pair.core.sending.packetCount == sentCount)
        }
        pair.receive(.state, acknowledged: pair.core.sending.next + 100)
        #expect(pair.core.nextEvent() == .closed(.misbehaved))
        let last = try #require(pair.drain().first)
        #expect(last.kind == .reset)
    }

    /// One packet in four is withheld, and the peer acknowledges whatever it believes was sent.
    @Test func aPeerThatAcknowledgesWithoutReceivingIsCutOff() {
        var limits = UTPLimits()
        limits.packetsPerProbe = 4
        limits.smallestDatagramBytes = limits.datagramBytes
        var pair = Pair(limits)
        pair.core.write(ByteBuffer(repeating: 1, count: 4_000_000))
        var acknowledgedCount = 0
        var event: UTPEvent?
        while event == nil, acknowledgedCount < 1000 {
            guard let newest = pair.drain().last else { break }
            pair.receive(.state, acknowledged: newest.sequence)
            acknowledgedCount += 1
            event = pair.core.nextEvent()
        }
        #expect(event == .closed(.misbehaved))
    }

    @Test func aSpoofedSYNGetsOneAnswerNoLongerThanItself() {
        var core = UTPConnection(accepting: Pair.header(.syn, 7, 1, 0), random: SeededRandom(seed: 1), at: .zero)
        core.write(ByteBuffer(repeating: 1, count: 100_000))
        var buffer = ByteBuffer()
        #expect(core.nextDatagram(into: &buffer, at: .zero) == UTPHeader.byteCount)
        var now = Instant.zero
        var count = 0
        while let timeout = core.nextTimeout, !core.isOver(at: now) {
            now = max(timeout, now)
            core.handleTimeout(at: now)
            if core.nextDatagram(into: &buffer, at: now) != nil { count += 1 }
        }
        #expect(count == 0)
        #expect(core.nextEvent() == .closed(.timedOut))
    }

    @Test func aGuessDoesNotConfirmASpoofedAddress() throws {
        var core = UTPConnection(accepting: Pair.header(.syn, 7, 1, 0), random: SeededRandom(seed: 1), at: .zero)
        core.write(ByteBuffer(repeating: 1, count: 100_000))
        var buffer = ByteBuffer()
        _ = core.nextDatagram(into: &buffer, at: .zero)
        let answer = try #require(Pair.parse(buffer))
        for distance in [-3, -2, 0, 1, 500] {
            Pair.pass(Pair.header(.data, 8, 2, (answer.sequence + distance).number), to: &core)
            #expect(core.isHalfOpen)
        }
        Pair.pass(Pair.header(.data, 8, 2, (answer.sequence - 1).number), to: &core)
        #expect(!core.isHalfOpen)
    }

    @Test func aResetMustNameAPacketUnderWay() {
        var pair = Pair()
        pair.core.write(ByteBuffer(repeating: 1, count: 5000))
        _ = pair.drain()
        for distance in [-2, -1000, 1, 1000, 32_000] {
            pair.receive(.reset, acknowledged: pair.core.sending.next + distance - (distance < 0 ? 5 : 0))
            #expect(pair.core.nextEvent() == nil)
        }
        pair.receive(.reset, acknowledged: pair.core.sending.first)
        #expect(pair.core.nextEvent() == .closed(.reset))
    }

    @Test func packetsFarAheadAreNotHeld() {
        var pair = Pair()
        for distance in [5000, 10_000, 32_767, -1, -32_768] {
            pair.receive(.data, sequence: pair.expected + distance, payload: [1])
            #expect(pair.core.receiving.heldCount == 0)
        }
        pair.receive(.data, sequence: pair.expected + 4096, payload: [1])
        #expect(pair.core.receiving.heldCount == 1)
    }

    @Test func whatFindsNoRoomIsNotHeld() {
        var limits = UTPLimits()
        limits.receiveBytes = 10_000
        var pair = Pair(limits)
        let payload = [UInt8](repeating: 1, count: 1000)
        for count in 0..<100 { pair.receive(.data, sequence: pair.expected + count, payload: payload) }
        #expect(pair.core.readableByteCount == 10_000)
        #expect(pair.drain().last?.window == 0)
        #expect(pair.core.read().readableBytes == 10_000)
        #expect(pair.drain().last?.window == 10_000)
    }

    @Test func aFINBeforePacketsThatAreHereIsRefused() {
        var pair = Pair()
        pair.receive(.data, sequence: pair.expected + 5, payload: [1])
        pair.receive(.fin, sequence: pair.expected + 2)
        #expect(pair.core.receiving.fin == nil)
        pair.receive(.fin, sequence: pair.expected + 6)
        pair.receive(.data, sequence: pair.expected + 7, payload: [1])
        #expect(pair.core.receiving.heldCount == 2)
    }

    @Test func aSelectiveAckOfAnyLengthIsBounded() {
        var pair = Pair()
        pair.core.write(ByteBuffer(repeating: 1, count: 5000))
        _ = pair.drain()
        pair.receive(.state, acknowledged: pair.core.sending.first - 1, selectiveAck: [0b11, 0, 0, 0])
        #expect(pair.core.sending.inFlight == 5000 - 2 * 1180)
        pair.receive(.state, acknowledged: pair.core.sending.first - 1, selectiveAck: .init(repeating: 255, count: 252))
        #expect(pair.core.bogusAckCount == 1)
    }
}

/// A connection that was dialled and answered, and a peer that sends anything.
private struct Pair {
    var core: UTPConnection
    /// The peer's next number.
    let expected = UTPSequence(9)
    private var now = Instant.zero

    init(_ limits: UTPLimits = .init()) {
        core = UTPConnection(dialling: 40, limits, random: SeededRandom(seed: 3), at: .zero)
        let syn = drain().first
        receive(.state, sequence: expected, acknowledged: syn?.sequence)
        _ = drain()
        while core.nextEvent() != nil {}
    }

    /// Returns what the connection sends now.
    mutating func drain() -> [UTPHeader] {
        var sent: [UTPHeader] = []
        now = now + .milliseconds(1)
        core.handleBatchEnd(at: now)
        while true {
            var buffer = ByteBuffer()
            guard core.nextDatagram(into: &buffer, at: now) != nil, let header = Self.parse(buffer) else { return sent }
            sent.append(header)
        }
    }

    mutating func receive(
        _ kind: UTPHeader.Kind,
        sequence: UTPSequence? = nil,
        acknowledged: UTPSequence? = nil,
        payload: [UInt8] = [],
        selectiveAck: [UInt8] = []
    ) {
        let acknowledged = acknowledged ?? core.sending.first - 1
        var header = Self.header(kind, 40, (sequence ?? expected).number, acknowledged.number)
        header.window = 10_000_000
        Self.pass(header, to: &core, payload: payload, selectiveAck: selectiveAck)
    }

    static func header(_ kind: UTPHeader.Kind, _ id: UInt16, _ sequence: UInt16, _ acknowledged: UInt16) -> UTPHeader {
        UTPHeader(kind, connectionID: id, sequence: UTPSequence(sequence), acknowledged: UTPSequence(acknowledged))
    }

    static func parse(_ buffer: ByteBuffer) -> UTPHeader? {
        buffer.withUnsafeReadableBytes { UTPHeader(parsing: RawSpan(_unsafeBytes: $0)) }
    }

    static func pass(
        _ header: UTPHeader,
        to core: inout UTPConnection,
        payload: [UInt8] = [],
        selectiveAck: [UInt8] = []
    ) {
        var buffer = ByteBuffer()
        header.write(into: &buffer, firstExtension: selectiveAck.isEmpty ? 0 : UTPExtension.selectiveAck)
        if !selectiveAck.isEmpty { buffer.writeBytes([0, UInt8(selectiveAck.count)] + selectiveAck) }
        buffer.writeBytes(payload)
        buffer.withUnsafeReadableBytes { core.handle(RawSpan(_unsafeBytes: $0), at: .zero) }
    }
}
