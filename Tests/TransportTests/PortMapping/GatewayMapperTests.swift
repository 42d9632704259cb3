// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

@Suite("Mapping by PCP and NAT-PMP")
struct GatewayMapperTests {
    @Test("PCP maps both transports, one question at a time")
    func pcp() throws {
        var run = MapperRun()
        run.tick()
        let first = run.take().sent
        #expect(first.map(\.transport) == [.tcp] && first.first?.version == 2)
        #expect(first.first?.lifetime == 3_600 && first.first?.suggestedPort == 6881)
        run.receive(FakeGateway.pcp(answering: first.first))
        let second = run.take()
        #expect(second.sent.map(\.transport) == [.udp])
        #expect(second.sent.first?.nonce != first.first?.nonce, "each mapping has a nonce of its own")
        guard case .granted(let mapping) = try #require(second.reports.first) else {
            Issue.record("no mapping")
            return
        }
        #expect(mapping.external == PeerEndpoint("192.0.2.9:7000") && mapping.method == .pcp)
        run.receive(FakeGateway.pcp(answering: second.sent.first))
        let rest = run.take().sent
        #expect(rest.isEmpty)
    }

    @Test("A datagram from elsewhere, or one that answers no question, has no effect")
    func strangers() throws {
        var run = MapperRun()
        run.tick()
        let request = try #require(run.take().sent.first)
        let before = run.mapper.nextDeadline
        run.receive(FakeGateway.pcp(answering: request), from: PeerEndpoint("192.168.1.2:5351")!)
        run.receive(FakeGateway.pcp(answering: request), from: PeerEndpoint("192.168.1.1:5352")!)
        var other = request
        other.nonce = PCPNonce(high: 1, low: 2)
        run.receive(FakeGateway.pcp(answering: other))
        other = request
        other.internalPort = 1
        run.receive(FakeGateway.pcp(answering: other))
        other = request
        other.transport = .udp
        run.receive(FakeGateway.pcp(answering: other))
        run.receive(ByteBuffer(bytes: [2, 0x81, 0, 0]))
        #expect(run.effects.isEmpty && run.mapper.nextDeadline == before)
    }

    @Test("A silent gateway is asked over PCP twice, then over NAT-PMP with doubling pauses, and abandoned")
    func silence() {
        var run = MapperRun()
        run.tick()
        var versions = run.take().sent.map(\.version)
        var pauses: [Int64] = []
        var reports: [MappingReport] = []
        while let pause = run.skip() {
            pauses.append(pause.nanoseconds / 1_000_000)
            let taken = run.take()
            versions += taken.sent.map(\.version)
            reports += taken.reports
        }
        #expect(versions == [2, 2, 0, 0, 0, 0, 0, 0, 0])
        #expect((2_700...3_300).contains(pauses[0]) && (4_860...7_260).contains(pauses[1]))
        #expect(pauses.dropFirst(2) == [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000])
        #expect(reports.count == 1 && run.mapper.isOver)
    }

    @Test("A gateway that supports only NAT-PMP is asked for its address, then for the ports")
    func natPMP() throws {
        var run = MapperRun()
        run.tick()
        _ = run.take()
        run.receive(ByteBuffer(bytes: [0, 0x81, 0, 1, 0, 0, 0, 100]))
        let question = run.take().sent
        #expect(question.map { [$0.version, $0.operation] } == [[0, 0]])
        run.receive(FakeGateway.natPMPAddress())
        let tcp = run.take().sent
        #expect(tcp.map(\.operation) == [2])
        run.receive(FakeGateway.natPMP(answering: tcp.first))
        let udp = run.take()
        #expect(udp.sent.map(\.operation) == [1])
        guard case .granted(let mapping) = try #require(udp.reports.first) else {
            Issue.record("no mapping")
            return
        }
        #expect(mapping.external == PeerEndpoint("192.0.2.9:7000") && mapping.method == .natPMP)
    }

    @Test("A gateway that has spoken PCP cannot be turned to NAT-PMP by one datagram")
    func downgrade() {
        var run = mapped()
        _ = run.skip()
        let renewal = run.take().sent
        #expect(renewal.map(\.version) == [2])
        run.receive(ByteBuffer(bytes: [0, 0x81, 0, 1, 0, 0, 0, 100]))
        #expect(run.mapper.dialect == .pcp && run.effects.isEmpty)
    }

    @Test("A mapping is renewed at half of its lifetime, with its nonce and port")
    func renewal() {
        var run = mapped()
        let pause = run.skip()
        #expect(pause == .seconds(1_800))
        let renewal = run.take().sent
        #expect(renewal.first?.transport == .tcp && renewal.first?.suggestedPort == 7000)
        run.receive(FakeGateway.pcp(answering: renewal.first, epoch: 1_900))
        let reports = run.take().reports
        #expect(reports.count == 1)
    }

    @Test("A mapping that the gateway no longer renews is lost when it expires, not before")
    func expiry() {
        var run = mapped()
        var reports: [MappingReport] = []
        while run.now < .zero + .seconds(3_600) {
            #expect(reports.isEmpty)
            _ = run.skip()
            reports += run.take().reports
        }
        #expect(reports == [.lost(.init(.tcp, port: 6881)), .lost(.init(.udp, port: 6881))])
    }

    @Test(
        "A lifetime of seconds, or of a century, is renewed at bounded intervals and not lost",
        arguments: [0, 1, .max]
    )
    func oddLifetimes(lifetime: UInt32) {
        var run = MapperRun([.init(.tcp, port: 6881)])
        run.tick()
        var reports: [MappingReport] = []
        for _ in 0..<10 {
            let taken = run.take()
            reports += taken.reports
            run.receive(
                FakeGateway.pcp(
                    answering: taken.sent.first,
                    lifetime: lifetime,
                    epoch: UInt32((run.now - .zero).seconds)
                )
            )
            let pause = run.skip()
            #expect(pause == (lifetime == .max ? .minutes(60) : .seconds(4)))
        }
        reports += run.take().reports
        #expect(reports.count == 10 && !reports.contains(.lost(.init(.tcp, port: 6881))))
    }

    @Test("A gateway that has restarted is asked for everything at once")
    func reboot() {
        var run = mapped()
        _ = run.skip()
        let renewal = run.take().sent
        run.receive(FakeGateway.pcp(answering: renewal.first, epoch: 3))
        // The other mapping was due at the same time; it is requested although its renewal is not due.
        let next = run.take().sent
        #expect(next.map(\.transport) == [.udp] && next.first?.suggestedPort == 7000)
        #expect(run.mapper.entries.last?.state == .wanted(since: run.now))
    }

    @Test("A refusal is reported and not asked again")
    func refusal() {
        var run = MapperRun([.init(.tcp, port: 6881)])
        run.tick()
        run.receive(FakeGateway.pcp(answering: run.take().sent.first, result: 2))
        let reports = run.take().reports
        guard case .refused(_, let error) = reports.first else {
            Issue.record("not refused")
            return
        }
        #expect(error.code == .refused && run.mapper.nextDeadline == nil && run.mapper.isHopeless)
    }

    @Test(
        "An assigned address that cannot be connected to is refused",
        arguments: ["0.0.0.0:7000", "224.0.0.1:7000"]
    )
    func nonsense(external: String) {
        var run = MapperRun([.init(.tcp, port: 6881)])
        run.tick()
        run.receive(FakeGateway.pcp(answering: run.take().sent.first, external: external))
        guard case .refused = run.take().reports.first else {
            Issue.record("accepted")
            return
        }
        #expect(run.mapper.isHopeless)
    }

    @Test("Closing removes what is mapped or being requested, and ends without responses")
    func closing() {
        var run = mapped()
        run.close()
        var sent = run.take().sent
        #expect(sent.first?.lifetime == 0 && sent.first?.transport == .tcp)
        run.receive(FakeGateway.pcp(answering: sent.first, lifetime: 0))
        sent = run.take().sent
        #expect(sent.first?.lifetime == 0 && sent.first?.transport == .udp && !run.mapper.isOver)
        while run.skip() != nil {}
        let repeated = run.take().sent
        #expect(run.mapper.isOver && repeated.count == 2 && run.now < .zero + .seconds(1))
        var early = MapperRun()
        early.tick()
        early.close()
        let last = early.take().sent.last
        #expect(last?.lifetime == 0, "the request may have been granted")
        var idle = MapperRun()
        idle.close()
        #expect(idle.mapper.isOver && idle.effects.isEmpty)
    }

    @Test("NAT-PMP removes a mapping with external port 0")
    func natPMPClosing() {
        var run = MapperRun([.init(.udp, port: 6881)])
        run.tick()
        run.receive(ByteBuffer(bytes: [0, 0x81, 0, 1, 0, 0, 0, 100]))
        run.receive(FakeGateway.natPMPAddress())
        run.receive(FakeGateway.natPMP(answering: run.take().sent.last))
        _ = run.take()
        run.close()
        let removal = run.take().sent
        #expect(removal.map(\.operation) == [1] && removal.first?.lifetime == 0 && removal.first?.suggestedPort == 0)
    }

    @Test("If nothing listens on the port, there is no wait")
    func unreachable() {
        var run = MapperRun()
        run.tick()
        run.mapper.handleUnreachable(at: run.now, into: &run.effects)
        let reports = run.take().reports
        #expect(run.mapper.isOver && reports.count == 1)
    }

    /// Both transports are mapped over PCP at time zero, for an hour.
    private func mapped() -> MapperRun {
        var run = MapperRun()
        run.tick()
        for _ in 0..<2 { run.receive(FakeGateway.pcp(answering: run.take().sent.first)) }
        _ = run.take()
        return run
    }
}
