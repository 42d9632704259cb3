// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire

@testable import RucheTransport

/// A UPnP router for tests.
struct FakeDevice {
    static let endpoint = PeerEndpoint(address: FakeGateway.address, port: 1900)

    /// Mappings by external port and protocol, with the internal port and lease.
    var mappings: [String: String] = [:]
    /// Faults to return for additions, one each, before they succeed.
    var faults: [Int] = []
    var address = "192.0.2.9"
    var isSilent = false

    static func answer(at address: String = "192.168.1.1") -> ByteBuffer {
        ByteBuffer(string: "HTTP/1.1 200 OK\r\nLOCATION: http://\(address):5000/root.xml\r\n\r\n")
    }

    static func description(_ types: [String]) -> String {
        let services = types.enumerated().map { index, type in
            "<service><serviceType>urn:schemas-upnp-org:service:WAN\(type)</serviceType>"
                + "<controlURL>/ctl/\(index)</controlURL></service>"
        }
        return "<root><device><deviceList><device><serviceList>\(services.joined())</serviceList></device>"
            + "</deviceList></device></root>"
    }

    static func fault(_ code: Int) -> RouterAnswer {
        answer(
            500,
            "<s:Fault><detail><UPnPError><errorCode>\(code)</errorCode></UPnPError></detail></s:Fault>"
        )
    }

    mutating func handle(_ request: RouterRequest) -> RouterAnswer? {
        guard !isSilent else { return nil }
        guard let action = request.action else {
            return RouterAnswer(status: 200, body: Array(Self.description(["IPConnection:1"]).utf8))
        }
        let name = action.split(separator: "#").last.map { String($0.dropLast()) } ?? ""
        let body = try? XMLReader.read(Array(request.body.utf8), limits: .init())
        let field = { body?.first($0)?.text ?? "" }
        let key = "\(field("NewExternalPort"))/\(field("NewProtocol"))"
        switch name {
        case "GetExternalIPAddress":
            return Self.answer(
                200,
                "<u:\(name)Response><NewExternalIPAddress>\(address)</NewExternalIPAddress>"
                    + "</u:\(name)Response>"
            )
        case "AddPortMapping":
            if !faults.isEmpty { return Self.fault(faults.removeFirst()) }
            mappings[key] = "\(field("NewInternalClient")):\(field("NewInternalPort")) \(field("NewLeaseDuration"))"
        default: mappings[key] = nil
        }
        return Self.answer(200, "<u:\(name)Response/>")
    }

    private static func answer(_ status: Int, _ content: String) -> RouterAnswer {
        RouterAnswer(status: status, body: Array("<s:Envelope><s:Body>\(content)</s:Body></s:Envelope>".utf8))
    }
}

/// A `PortMapperCore` with a gateway and a device, on virtual time.
struct CoreRun {
    var core: PortMapperCore
    var random = SeededRandom(seed: 9)
    var now = Instant.zero
    var device: FakeDevice?
    /// Returns the gateway's response to a request; nil is silence.
    var gateway: (FakeGateway.Request) -> ByteBuffer? = { _ in nil }
    var events: [PortMappingEvent] = []
    var sent: [FakeGateway.Request] = []
    var searchCount = 0
    private var effects: [PortMapperCore.Effect] = []

    init(device: FakeDevice? = nil, limits: PortMappingLimits = .init()) {
        self.device = device
        let wishes: [MappingWish] = [.init(.tcp, port: 6881), .init(.udp, port: 6881)]
        core = PortMapperCore(wishes, limits: limits)
    }

    mutating func connect(to gateway: IPAddress? = FakeGateway.address) {
        let path = gateway.map { (gateway: $0, client: FakeGateway.client) }
        core.handleGateway(path, at: now, using: &random, into: &effects)
        settle()
    }

    /// Advances time, deadline by deadline.
    mutating func run(for time: Interval) {
        let end = now + time
        while let next = core.nextDeadline, next <= end {
            now = max(now, next)
            core.handleTime(now, using: &random, into: &effects)
            settle()
        }
        now = end
    }

    mutating func close() {
        core.handleClose(at: now, into: &effects)
        settle()
    }

    private mutating func settle() {
        while !effects.isEmpty {
            let effect = effects.removeFirst()
            switch effect {
            case .event(let event): events.append(event)
            case .send(let datagram):
                guard let request = FakeGateway.read(datagram) else { continue }
                sent.append(request)
                guard let answer = gateway(request) else { continue }
                core.handleDatagram(answer, from: FakeGateway.endpoint, at: now, into: &effects)
            case .search:
                searchCount += 1
                guard device != nil else { continue }
                core.handleSearchAnswer(FakeDevice.answer(), from: FakeDevice.endpoint, at: now, into: &effects)
            case .ask(let request, let exchange):
                let answer = device?.handle(request)
                core.handleAnswer(answer, exchange: exchange, at: now, into: &effects)
            }
        }
    }

    /// The last event of each transport, abbreviated.
    var mapped: [String] {
        events.compactMap {
            if case .mapped(let mapping) = $0 { "\(mapping.transport) \(mapping.external)" } else { nil }
        }
    }
    var failures: [PortMappingError.Code] {
        events.compactMap { if case .failed(let error) = $0 { error.code } else { nil } }
    }
    var lostCount: Int { events.count { if case .lost = $0 { true } else { false } } }
    var renewedCount: Int { events.count { if case .renewed = $0 { true } else { false } } }
}
