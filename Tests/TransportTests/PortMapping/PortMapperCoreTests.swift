// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

@Suite("Choosing how ports are mapped")
struct PortMapperCoreTests {
    private let pcp: (FakeGateway.Request) -> ByteBuffer? = { request in
        request.version == 2 ? FakeGateway.pcp(answering: request, lifetime: request.lifetime) : nil
    }

    @Test("If PCP works, UPnP is never asked")
    func pcpAlone() {
        var run = CoreRun(device: FakeDevice())
        run.gateway = pcp
        run.connect()
        run.run(for: .seconds(60))
        #expect(run.mapped == ["TCP 192.0.2.9:7000", "UDP 192.0.2.9:7000"])
        #expect(run.searchCount == 0)
    }

    @Test("UPnP maps if the gateway does not answer, and PCP stops")
    func upnp() {
        var run = CoreRun(device: FakeDevice())
        run.connect()
        run.run(for: .seconds(60))
        #expect(run.mapped == ["TCP 192.0.2.9:6881", "UDP 192.0.2.9:6881"])
        #expect(run.device?.mappings == ["6881/TCP": "192.168.1.7:6881 3600", "6881/UDP": "192.168.1.7:6881 3600"])
        #expect(run.core.direct?.isOver == true && run.sent.last?.lifetime == 0)
    }

    @Test("A device that grants only permanent leases is asked for those, and still asked again")
    func permanent() {
        var run = CoreRun(device: FakeDevice(faults: [725]))
        run.connect()
        run.run(for: .seconds(10))
        #expect(run.device?.mappings["6881/TCP"] == "192.168.1.7:6881 0" && run.mapped.count == 2)
        run.device?.mappings = [:]
        run.run(for: .minutes(40))
        #expect(run.device?.mappings.count == 2 && run.renewedCount == 2)
    }

    @Test("If another machine has a port, another one is tried, a limited number of times")
    func conflict() {
        var run = CoreRun(device: FakeDevice(faults: [718, 718]))
        run.connect()
        run.run(for: .seconds(10))
        #expect(run.mapped.count == 2 && run.mapped.first?.hasSuffix(":6881") == false)
        var hopeless = CoreRun(device: FakeDevice(faults: Array(repeating: 718, count: 1_000)))
        hopeless.connect()
        hopeless.run(for: .seconds(60))
        #expect(hopeless.failures == [.conflict])
        #expect(hopeless.device?.faults.count == 1_000 - 2 * PortMappingLimits().portsTried)
    }

    @Test("Without any response it fails with an explanation, and tries again at growing intervals")
    func nobody() {
        var run = CoreRun()
        run.connect()
        run.run(for: .minutes(5))
        #expect(run.failures == [.unanswered, .unanswered])
        run.run(for: .minutes(600))
        #expect((10...20).contains(run.failures.count))
        run.device = FakeDevice()
        run.run(for: .minutes(61))
        #expect(run.mapped.count == 2)
    }

    @Test("UPnP may grant what the gateway refuses")
    func refused() {
        var run = CoreRun(device: FakeDevice())
        run.gateway = { FakeGateway.pcp(answering: $0, result: 2) }
        run.connect()
        run.run(for: .seconds(1))
        #expect(run.mapped.count == 2 && run.failures.isEmpty, "there is no wait")
        var alone = CoreRun()
        alone.gateway = { FakeGateway.pcp(answering: $0, result: 2) }
        alone.connect()
        alone.run(for: .seconds(60))
        #expect(alone.failures == [.refused], "the refusal says more than the silence")
    }

    @Test("Without a default route it fails at once, and starts when there is one")
    func routes() {
        var run = CoreRun()
        run.gateway = pcp
        run.connect(to: nil)
        run.connect(to: nil)
        #expect(run.failures == [.noGateway])
        run.connect()
        #expect(run.mapped.count == 2)
        run.connect()
        #expect(run.sent.count == 2, "the same router is not asked again")
        run.connect(to: nil)
        #expect(run.lostCount == 2 && run.failures == [.noGateway, .noGateway])
    }

    @Test("A mapping that moves is reported as mapped; one that stays is reported as renewed")
    func moves() {
        var run = CoreRun()
        run.gateway = pcp
        run.connect()
        run.run(for: .minutes(31))
        #expect(run.mapped.count == 2 && run.renewedCount == 2)
        run.gateway = { FakeGateway.pcp(answering: $0, external: "192.0.2.10:7001") }
        run.run(for: .minutes(31))
        #expect(run.mapped.count == 4 && run.mapped.last == "UDP 192.0.2.10:7001" && run.lostCount == 0)
    }

    @Test("The mappings of a router that falls silent expire, and all methods are tried again")
    func silence() {
        var run = CoreRun()
        run.gateway = pcp
        run.connect()
        run.gateway = { _ in nil }
        run.device = FakeDevice()
        run.run(for: .minutes(62))
        #expect(run.lostCount == 2 && run.mapped.count == 4 && run.device?.mappings.count == 2)
    }

    @Test("The mappings of a UPnP device that dies are lost at the next renewal")
    func deadDevice() {
        var run = CoreRun(device: FakeDevice())
        run.connect()
        run.run(for: .seconds(10))
        run.device?.isSilent = true
        run.run(for: .minutes(31))
        #expect(run.lostCount == 2)
    }

    @Test("Closing deletes what was mapped, by any method")
    func closing() {
        var run = CoreRun(device: FakeDevice())
        run.connect()
        run.run(for: .seconds(10))
        run.close()
        #expect(run.core.isOver && run.device?.mappings.isEmpty == true && run.core.nextDeadline == nil)
        var direct = CoreRun()
        direct.gateway = pcp
        direct.connect()
        direct.close()
        #expect(direct.core.isOver && direct.sent.suffix(2).map(\.lifetime) == [0, 0])
        #expect(direct.lostCount == 0)
        var idle = CoreRun()
        idle.close()
        #expect(idle.core.isOver)
    }

    @Test("The response to an abandoned exchange is not taken for that to a deletion")
    func lateAnswer() {
        var random = SeededRandom(seed: 5)
        var device = FakeDevice()
        var core = PortMapperCore([.init(.tcp, port: 6881), .init(.udp, port: 6881)], limits: .init())
        var effects: [PortMapperCore.Effect] = []
        func nextExchange() -> (request: RouterRequest, number: Int)? {
            defer { effects = [] }
            guard case .ask(let request, let number)? = effects.last else { return nil }
            return (request, number)
        }
        core.handleGateway((FakeGateway.address, FakeGateway.client), at: .zero, using: &random, into: &effects)
        core.handleUnreachable(at: .zero, into: &effects)
        core.handleTime(.zero, using: &random, into: &effects)
        core.handleSearchAnswer(FakeDevice.answer(), from: FakeDevice.endpoint, at: .zero, into: &effects)
        while let (request, number) = nextExchange() {
            core.handleAnswer(device.handle(request), exchange: number, at: .zero, into: &effects)
        }
        #expect(device.mappings.count == 2)

        let later = Instant.zero + .minutes(30)
        core.handleTime(later, using: &random, into: &effects)
        let dropped = nextExchange()
        #expect(dropped?.request.action?.contains("GetExternalIPAddress") == true)
        core.handleClose(at: later, into: &effects)
        let deletion = nextExchange()
        core.handleAnswer(nil, exchange: dropped?.number ?? 0, at: later, into: &effects)
        #expect(effects.isEmpty && !core.isOver)
        var asked = deletion
        while let (request, number) = asked {
            core.handleAnswer(device.handle(request), exchange: number, at: later, into: &effects)
            asked = nextExchange()
        }
        #expect(device.mappings.isEmpty && core.isOver)
    }

    @Test("Devices beyond the limit are not queried, and the gateway is queried first")
    func devices() {
        var random = SeededRandom(seed: 3)
        var mapper = UPnPMapper(
            gateway: FakeGateway.address,
            client: FakeGateway.client,
            wishes: [.init(.tcp, port: 6881)],
            limits: .init(),
            using: &random
        )
        var effects: [UPnPMapper.Effect] = []
        mapper.handleTime(.zero, into: &effects)
        for host in 2...100 {
            let address = "192.168.1.\(host)"
            let sender = PeerEndpoint(address: IPAddress(address)!, port: 1900)
            mapper.handleSearchAnswer(FakeDevice.answer(at: address), from: sender, at: .zero, into: &effects)
            if host == 4 {
                mapper.handleSearchAnswer(FakeDevice.answer(), from: FakeDevice.endpoint, at: .zero, into: &effects)
            }
        }
        var asked: [IPAddress] = []
        while case .ask(let request)? = effects.last {
            asked.append(request.url.endpoint.address)
            effects = []
            mapper.handleAnswer(nil, at: .zero, into: &effects)
        }
        #expect(asked.map(\.description) == [2, 1, 3, 4, 5, 6, 7, 8].map { "192.168.1.\($0)" })
    }
}
