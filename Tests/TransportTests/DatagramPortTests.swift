// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheTransport

struct UDPPortTests {
    @Test(arguments: [IPAddress.loopbackV4, .loopbackV6])
    func datagramsGoBothWays(address: IPAddress) async throws {
        try await withPorts(at: address) { first, second in
            let (left, right) = (Recorder(), Recorder())
            try await attach(left, to: first, order: .version)
            try await attach(right, to: second, order: .version)
            let target = try #require(second.endpoints.first)
            send([1, 2, 3], from: first, to: target)
            let received = try #require(await right.inbox.first(1).first)
            #expect(received.bytes == [1, 2, 3])
            send(pattern(1400), from: second, to: received.sender)
            #expect(await left.inbox.first(1).first?.bytes == pattern(1400))
        }
    }

    @Test func oneWriteOfManySegmentsArrivesAsSingleDatagrams() async throws {
        try await withPorts { first, second in
            let right = Recorder()
            try await attach(right, to: second, order: .version)
            let target = try #require(second.endpoints.first)
            // 100 datagrams and a short one: more than one write, with or without offload.
            let bytes = pattern(100 * 1400 + 99)
            send(bytes, segmentBytes: 1400, from: first, to: target)
            let received = await right.inbox.first(101)
            #expect(received.map(\.bytes.count) == Array(repeating: 1400, count: 100) + [99])
            #expect(received.flatMap(\.bytes) == bytes)
        }
    }

    @Test func otherLoopsSendThroughTheSamePort() async throws {
        try await withRuntime(loops: 3) { runtime in
            let first = try await UDPPort.open(binding: .loopback, runtime: runtime)
            let second = try await UDPPort.open(binding: .loopback, runtime: runtime)
            let right = Recorder()
            try await attach(right, to: second, order: .version)
            let target = try #require(second.endpoints.first)
            for loop in runtime.loops {
                try await loop.submit {
                    for count in 1...5 {
                        first.send(ByteBuffer(bytes: pattern(count)), segmentBytes: nil, to: target, from: loop)
                    }
                    first.flush(from: loop)
                }.get()
            }
            let received = await right.inbox.first(15)
            #expect(received.map(\.bytes.count).sorted() == (1...5).flatMap { [$0, $0, $0] })
            #expect(Set(received.map(\.sender)) == [try #require(first.endpoints.first)])
            await first.close()
            await second.close()
        }
    }

    @Test func servicesAreAskedInOrderAndTheRestIsDropped() async throws {
        try await withPorts { first, second in
            let (late, early) = (Recorder(mark: 7), Recorder(mark: 7))
            let other = Recorder(mark: 9)
            try await attach(late, to: second, order: .version)
            try await attach(early, to: second, order: .transaction)
            try await attach(other, to: second, order: .dictionary)
            let target = try #require(second.endpoints.first)
            for mark: UInt8 in [7, 8, 9] { send([mark], from: first, to: target) }
            #expect(await other.inbox.first(1).map(\.bytes) == [[9]])
            #expect(early.inbox.all.map(\.bytes) == [[7]])
            #expect(late.inbox.all.isEmpty)
            try await second.loop.submit { second.detach(early) }.get()
            send([7], from: first, to: target)
            #expect(await late.inbox.first(1).map(\.bytes) == [[7]])
        }
    }

    @Test func aServiceMayDetachItselfAndOthersWhileItIsServed() async throws {
        let (last, next) = (Recorder(mark: 9), Recorder(mark: 8))
        let servedCount = try await withRuntime { runtime in
            let loop = runtime.loops[0]
            return try await loop.submit {
                let services = DatagramServices(on: loop)
                let first = Detacher(mark: 7) { detacher in
                    services.detach(detacher)
                    services.detach(last)
                }
                services.attach(first, order: .transaction)
                services.attach(next, order: .dictionary)
                services.attach(last, order: .version)
                let remote = PeerEndpoint(address: .loopbackV4, port: 9)
                for marks: [UInt8] in [[7, 8, 9], [7]] {
                    for mark in marks { services.handleRead(Datagram(ByteBuffer(bytes: [mark]), from: remote)) }
                    services.handleReadComplete()
                }
                return first.count
            }.get()
        }
        #expect(servedCount == 1)
        #expect(next.inbox.all.map(\.bytes) == [[8]])
        #expect(last.inbox.all.isEmpty)
    }

    @Test func aMissingFamilyIsReportedToTheServices() async throws {
        try await withPorts { first, _ in
            let service = Recorder()
            try await attach(service, to: first, order: .version)
            let remote = PeerEndpoint(address: .loopbackV6, port: 9)
            send([1], from: first, to: remote)
            #expect(await service.refusals.first(1) == [remote])
        }
    }

    @Test func bothFamiliesShareOnePort() async throws {
        try await withRuntime { runtime in
            let port = try await UDPPort.open(binding: .init(addresses: [.loopbackV4, .loopbackV6]), runtime: runtime)
            #expect(port.endpoints.count == 2)
            #expect(Set(port.endpoints.map(\.port)).count == 1)
            let number = try #require(port.endpoints.first).port
            let code = await failure {
                try await UDPPort.open(port: number, binding: .loopback, runtime: runtime)
            }
            #expect(code == .portInUse)
            await port.close()
        }
    }
}

struct DatagramCutsTests {
    @Test(arguments: [1, 100, 1200, 1400, 1452, 9000, 60_000, 65_507, 100_000], [true, false])
    func everyWriteFitsAndNothingIsLost(segmentBytes: Int, hasOffload: Bool) {
        let bytes = pattern(300_001)
        var cuts = DatagramCuts(ByteBuffer(bytes: bytes), segmentBytes: segmentBytes, hasOffload: hasOffload)
        var joined: [UInt8] = []
        var writes = 0
        while let (write, segment) = cuts.next() {
            writes += 1
            joined += Array(buffer: write)
            if let segment {
                #expect(hasOffload)
                #expect(segment == segmentBytes)
                #expect(write.readableBytes <= DatagramCuts.offloadBytes)
                #expect((write.readableBytes + segment - 1) / segment <= DatagramCuts.offloadSegments)
            } else {
                #expect(write.readableBytes <= segmentBytes)
            }
        }
        #expect(writes > 0)
        #expect(joined == bytes)
    }
}

/// Runs a test with two ports on loopback, which are closed afterwards.
private func withPorts(
    at address: IPAddress = .loopbackV4,
    _ body: (UDPPort, UDPPort) async throws -> Void
) async throws {
    try await withRuntime { runtime in
        let binding = LocalBinding(addresses: [address])
        let first = try await UDPPort.open(binding: binding, runtime: runtime)
        let second = try await UDPPort.open(binding: binding, runtime: runtime)
        try await body(first, second)
        await first.close()
        await second.close()
    }
}

/// Returns once arriving datagrams are offered to the service.
private func attach(_ service: Recorder, to port: UDPPort, order: DatagramOrder) async throws {
    try await port.loop.submit { port.attach(service, order: order) }.get()
}

private func send(_ bytes: [UInt8], segmentBytes: Int? = nil, from port: UDPPort, to remote: PeerEndpoint) {
    port.loop.execute {
        port.send(ByteBuffer(bytes: bytes), segmentBytes: segmentBytes, to: remote, from: port.loop)
        port.flush(from: port.loop)
    }
}

/// A service that recognises datagrams that start with its mark, and keeps them.
private final class Recorder: DatagramService {
    struct Received: Sendable {
        let sender: PeerEndpoint
        let bytes: [UInt8]
    }

    let inbox = Inbox<Received>()
    let refusals = Inbox<PeerEndpoint>()
    private let mark: UInt8?

    init(mark: UInt8? = nil) { self.mark = mark }

    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool {
        guard let mark else { return true }
        return datagram.byteCount > 0 && datagram.unsafeLoad(as: UInt8.self) == mark
    }

    func handleReceived(_ datagrams: [Datagram]) {
        for var datagram in datagrams {
            while let segment = datagram.nextSegment() {
                inbox.append([Received(sender: datagram.sender, bytes: Array(buffer: segment))])
            }
        }
    }

    func handleUnsendable(to remote: PeerEndpoint, because error: TransportError) { refusals.append([remote]) }
}

/// A service that runs code when it receives datagrams.
private final class Detacher: DatagramService {
    private let served = Atomic<Int>(0)
    private let mark: UInt8
    private let action: @Sendable (Detacher) -> Void

    var count: Int { served.load(ordering: .relaxed) }

    init(mark: UInt8, action: @escaping @Sendable (Detacher) -> Void) {
        self.mark = mark
        self.action = action
    }

    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool {
        datagram.byteCount > 0 && datagram.unsafeLoad(as: UInt8.self) == mark
    }

    func handleReceived(_ datagrams: [Datagram]) {
        served.wrappingAdd(1, ordering: .relaxed)
        action(self)
    }
}
