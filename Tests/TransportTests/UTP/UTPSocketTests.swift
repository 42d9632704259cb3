// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Testing

/// uTP over real sockets on loopback.
struct UTPSocketTests {
    @Test func megabytesComeBack() async throws {
        try await withUTPSockets { left, _, target in
            let stream = try await left.dial(target)
            let inbox = Inbox<UInt8>()
            _ = try await stream.record(into: inbox)
            let bytes = pattern(5_000_000)
            try await stream.send(bytes)
            #expect(await inbox.first(bytes.count) == bytes)
        }
    }

    @Test func manyStreamsShareThePort() async throws {
        try await withUTPSockets { left, right, target in
            for number in 0..<20 as Range<UInt8> {
                let stream = try await left.dial(target)
                let inbox = Inbox<UInt8>()
                _ = try await stream.record(into: inbox)
                try await stream.send([number, 1, 2, 3])
                #expect(await inbox.first(4) == [number, 1, 2, 3])
            }
            #expect(try await right.loop.submit { right.streamCount }.get() == 20)
        }
    }

    @Test func closingTellsThePeerOnceAllIsThere() async throws {
        try await withRuntime { runtime in
            let (first, second) = (
                try await UDPPort.open(binding: .loopback, runtime: runtime),
                try await UDPPort.open(binding: .loopback, runtime: runtime)
            )
            let (left, right) = (UTPSocket(on: first), UTPSocket(on: second))
            let received = Inbox<UInt8>()
            right.listen { stream in
                stream.attach(UTPRecorder(stream, inbox: received))
                stream.read(.batch)
            }
            try await second.loop.submit {}.get()
            let stream = try await left.dial(second.endpoints[0])
            let ends = try await stream.record(into: Inbox())
            try await stream.loop.submit {
                stream.write(ByteBuffer(bytes: pattern(300_000)), tag: nil)
                stream.close()
            }.get()
            #expect(await received.untilClosed() == pattern(300_000))
            #expect(await ends.first(1) == [nil])
            await left.close()
            await right.close()
            await first.close()
            await second.close()
        }
    }

    @Test func tagsComeBackInOrderAndBeforeTheEnd() async throws {
        try await withUTPSockets { left, _, target in
            let stream = try await left.dial(target)
            let recorder = try await stream.loop.submit {
                let recorder = UTPRecorder(stream)
                stream.attach(recorder)
                for tag in 0..<10 as Range<UInt32> { stream.write(ByteBuffer(bytes: pattern(100_000)), tag: tag) }
                #expect(!stream.isWritable)
                stream.flush()
                return NIOLoopBound(recorder, eventLoop: stream.loop)
            }.get()
            let (tags, errors) = try await stream.loop.submit { (recorder.value.tags, recorder.value.errors) }.get()
            try await stream.loop.submit {
                stream.close()
                #expect(tags.all == Array(0..<10))
                #expect(errors.all == [nil])
            }.get()
        }
    }

    @Test func nobodyAnswers() async throws {
        try await withUTPSockets(accepts: false) { left, _, target in
            let code = await failure { try await left.dial(target, deadline: .milliseconds(50)) }
            #expect(code == .timeout)
        }
    }

    @Test func aResetEndsTheOtherSide() async throws {
        try await withUTPSockets { left, _, target in
            let stream = try await left.dial(target)
            let inbox = Inbox<UInt8>()
            let errors = try await stream.record(into: inbox)
            try await stream.send([1])
            _ = await inbox.first(1)
            try await stream.loop.submit { stream.abort() }.get()
            #expect(await errors.first(1) == [nil])
            // The peer has forgotten the connection, so a new one between the same ports is distinct.
            let again = try await left.dial(target)
            let second = Inbox<UInt8>()
            _ = try await again.record(into: second)
            try await again.send([2])
            #expect(await second.first(1) == [2])
        }
    }

    @Test func connectionsAreBounded() async throws {
        var limits = UTPLimits()
        limits.connections = 3
        try await withUTPSockets(limits: limits) { left, _, target in
            for _ in 0..<3 { _ = try await left.dial(target) }
            #expect(await failure { try await left.dial(target) } == .limit)
        }
    }

    @Test(arguments: [false, true])
    func forgedSYNsAreBoundedAndGetNoMoreThanTheySend(perAddress: Bool) async throws {
        var limits = UTPLimits()
        if perAddress { limits.halfOpenPerAddress = 5 } else { limits.halfOpen = 5 }
        try await withRuntime { runtime in
            let (first, second) = (
                try await UDPPort.open(binding: .loopback, runtime: runtime),
                try await UDPPort.open(binding: .loopback, runtime: runtime)
            )
            let right = UTPSocket(on: second, limits: limits)
            right.listen { _ in }
            let answers = UTPAnswers()
            first.attach(answers, order: .version)
            try await second.loop.submit {}.get()
            try await first.loop.submit {
                for id in 0..<50 as Range<UInt16> {
                    let syn: [UInt8] = [0x41, 0, UInt8(id >> 8), UInt8(id & 255)] + [UInt8](repeating: 0, count: 16)
                    first.send(ByteBuffer(bytes: syn), segmentBytes: nil, to: second.endpoints[0], from: first.loop)
                }
                // A packet of no connection gets a RESET, which shows that all packets before it were read.
                let stray: [UInt8] = [0x01, 0, 9, 9] + [UInt8](repeating: 0, count: 16)
                first.send(ByteBuffer(bytes: stray), segmentBytes: nil, to: second.endpoints[0], from: first.loop)
                first.flush(from: first.loop)
            }.get()
            let received = await answers.inbox.first(6)
            #expect(received.count { $0.first == 0x21 } == 5)
            #expect(received.count { $0.first == 0x31 } == 1)
            #expect(received.allSatisfy { $0.count == 20 })
            #expect(try await right.loop.submit { right.streamCount }.get() == 5)
            await right.close()
            await first.close()
            await second.close()
        }
    }
}

/// Keeps every datagram.
private final class UTPAnswers: DatagramService {
    let inbox = Inbox<[UInt8]>()

    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool { true }

    func handleReceived(_ datagrams: [Datagram]) {
        for var datagram in datagrams {
            while let segment = datagram.nextSegment() { inbox.append([Array(buffer: segment)]) }
        }
    }
}
