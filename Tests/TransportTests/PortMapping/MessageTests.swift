// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

@Suite("PCP and NAT-PMP messages")
struct MappingMessageTests {
    private let nonce = PCPNonce(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c)

    @Test("A PCP request has the bytes of RFC 6887")
    func pcpRequest() {
        let request = PCPMapRequest(
            .tcp,
            internalPort: 0x1ae1,
            suggesting: PeerEndpoint(address: IPAddress(v4: 0xc000_0201), port: 0x1ae2),
            lifetimeSeconds: 3_600,
            client: IPAddress(v4: 0xc0a8_0107),
            nonce: nonce
        )
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let expected: [UInt8] =
            [2, 1, 0, 0, 0, 0, 0x0e, 0x10] + mapped + [192, 168, 1, 7] + Array(1...12)
            + [6, 0, 0, 0, 0x1a, 0xe1, 0x1a, 0xe2] + mapped + [192, 0, 2, 1]
        #expect(Array(buffer: request.makeDatagram()) == expected)
    }

    @Test("A PCP response is parsed")
    func pcpAnswer() throws {
        let answer = FakeGateway.pcp(.udp, port: 6881, external: "192.0.2.9:7000", lifetime: 120, epoch: 5, nonce)
        guard case .map(let map) = try PCPResponse(parsing: answer) else {
            Issue.record("no mapping")
            return
        }
        #expect(map.result == .success && map.lifetimeSeconds == 120 && map.epoch == 5 && map.nonce == nonce)
        #expect(map.internalPort == 6881 && map.protocolNumber == 17)
        #expect(map.external == PeerEndpoint("192.0.2.9:7000"))
    }

    @Test("A NAT-PMP server's response to PCP gives its version")
    func version() throws {
        let answer = ByteBuffer(bytes: [0, 0x81, 0, 1, 0, 0, 0, 9])
        #expect(try PCPResponse(parsing: answer) == .unsupportedVersion(0))
    }

    @Test(
        "A PCP response that is short, a request, or of another opcode or version is rejected",
        arguments: [
            [], [2], [2, 0x81, 0, 0], [2, 1, 0, 0], [2, 0x80, 0, 0], [2, 0x82, 0, 0], [3, 0x81, 0, 0], [0, 0x81, 1, 1],
        ] as [[UInt8]]
    )
    func malformed(bytes: [UInt8]) {
        #expect(throws: PortMappingError.self) { try PCPResponse(parsing: ByteBuffer(bytes: bytes)) }
        let padded = bytes.count < 4 ? bytes : bytes + Array(repeating: 0, count: 1_200)
        #expect(throws: PortMappingError.self) { try PCPResponse(parsing: ByteBuffer(bytes: padded)) }
    }

    @Test("NAT-PMP requests have the bytes of RFC 6886")
    func natPMPRequests() {
        #expect(Array(buffer: NATPMPRequest.externalAddress.makeDatagram()) == [0, 0])
        let map = NATPMPRequest.map(.tcp, internalPort: 6881, suggestedPort: 6882, lifetimeSeconds: 3_600)
        #expect(Array(buffer: map.makeDatagram()) == [0, 2, 0, 0, 0x1a, 0xe1, 0x1a, 0xe2, 0, 0, 0x0e, 0x10])
    }

    @Test("NAT-PMP responses are parsed, including refusals")
    func natPMPAnswers() throws {
        let address = try NATPMPResponse(parsing: ByteBuffer(bytes: [0, 0x80, 0, 0, 0, 0, 0, 7, 192, 0, 2, 9]))
        #expect(address.epoch == 7 && address.body == .externalAddress(IPAddress(v4: 0xc000_0209)))
        let refusal = try NATPMPResponse(parsing: ByteBuffer(bytes: [0, 0x82, 0, 2, 0, 0, 0, 7]))
        guard case .refused(2, let error) = refusal.body else {
            Issue.record("no refusal")
            return
        }
        #expect(error.code == .refused)
    }

    @Test(
        "A NAT-PMP response that is short, a request or of another opcode is rejected",
        arguments: [
            [], [0, 0x80, 0, 0, 0, 0, 0], [0, 0x80, 0, 0, 0, 0, 0, 7, 1], [0, 0x81, 0, 0, 0, 0, 0, 7, 1, 1, 1, 1],
            [0, 1, 0, 0, 0, 0, 0, 7], [0, 0x83, 0, 0, 0, 0, 0, 7], [1, 0x80, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4],
        ] as [[UInt8]]
    )
    func natPMPMalformed(bytes: [UInt8]) {
        #expect(throws: PortMappingError.self) { try NATPMPResponse(parsing: ByteBuffer(bytes: bytes)) }
    }

    @Test("A clock that drifts keeps its state, one that jumps back has lost it")
    func epochs() {
        var clock = EpochClock()
        let answers: [(epoch: UInt32, second: Int64)] = [
            (1_000, 0), (1_088, 100), (1_300, 200), (10, 300), (20, 310), (20, 330),
        ]
        let kept = answers.map { clock.handleEpoch($0.epoch, at: .zero + .seconds($0.second)) }
        #expect(kept == [true, true, true, false, true, false])
    }
}

@Suite("Routing tables")
struct RouteTableTests {
    private let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

    @Test("The default route with the lowest metric comes first; others are left out")
    func v4() {
        let text =
            head
            + "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
            + "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
            + "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
            + "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
            + "tun1\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
            + "down0\t00000000\t0100000A\t0002\t0\t0\t0\t00000000\t0\t0\t0\n"
        let gateways = RouteTable.gateways(v4: text)
        #expect(gateways.map { "\($0.address) \($0.interface)" } == ["192.0.2.1 eth0", "192.168.2.1 wlan0"])
    }

    @Test("IPv6 routes without a gateway are left out")
    func v6() {
        let zeros = String(repeating: "0", count: 32)
        let text =
            "\(zeros) 00 \(zeros) 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     eth0\n"
            + "\(zeros) 00 \(zeros) 00 \(zeros) ffffffff 00000001 00000000 00200200       lo\n"
            + "fd000000000000000000000000000000 40 \(zeros) 00 \(zeros) 00000100 00000001 00000000 00000001     eth0\n"
        #expect(RouteTable.gateways(v6: text).map { "\($0.address) \($0.interface)" } == ["fd00::1 eth0"])
    }

    @Test("Malformed lines are skipped", arguments: ["", "\n\n", "eth0", "eth0\t0\t0\t0\t0\t0\t0\t0", "é\t😀"])
    func nonsense(line: String) {
        #expect(RouteTable.gateways(v4: head + line).isEmpty)
        #expect(RouteTable.gateways(v6: line).isEmpty)
    }
}
