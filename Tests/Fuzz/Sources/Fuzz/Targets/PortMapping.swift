// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

extension FuzzTarget {
    static let gatewayAnswers = FuzzTarget(name: "gateway-answers", seeds: { answerSeeds }) { bytes in
        let datagram = ByteBuffer(bytes: bytes)
        if case .map(let answer) = try? PCPResponse(parsing: datagram) {
            require(bytes.count >= 60 && bytes.count <= 1_100, "an answer is whole, and no longer than one may be")
            require(answer.external.address.isIPv4 || bytes.count >= 60, "addresses are read from the answer")
        }
        if let answer = try? NATPMPResponse(parsing: datagram) {
            require(bytes[0] == 0 && bytes[1] & 0x80 != 0, "only answers are read")
            if case .mapped = answer.body { require(bytes.count >= 16, "a mapping is whole") }
        }
    }

    static let deviceSearch = FuzzTarget(name: "device-search", seeds: { searchSeeds.map { Array($0.utf8) } }) {
        bytes in
        let sender = PeerEndpoint(address: IPAddress(v4: 0xc0a8_0101), port: 1900)
        let found = DeviceSearch.location(in: ByteBuffer(bytes: bytes), from: sender, byteLimit: 4_096)
        guard let url = found else { return }
        require(url.endpoint.address == sender.address, "a device speaks for itself")
        require(url.target.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "the target fits a request line")
    }

    /// The first byte decides whether it is a description or the response to an action.
    static let deviceXML = FuzzTarget(name: "device-xml", seeds: { documents.map { Array($0.utf8) } }) { bytes in
        guard let kind = bytes.first, let url = DeviceURL("http://192.168.1.1:5000/a/root.xml") else { return }
        let document = Array(bytes.dropFirst())
        var limits = PortMappingLimits()
        limits.documentBytes = 16_384
        if let root = try? XMLReader.read(document, limits: limits) {
            require(size(root) <= document.count, "nothing grows")
        }
        guard kind % 2 == 0 else {
            let answer = RouterAnswer(status: 200, body: document)
            _ = try? answer.results(of: "GetExternalIPAddress", limits: limits)
            return
        }
        guard let services = try? MappingService.services(in: document, at: url, limits: limits) else { return }
        for service in services {
            require(service.control.endpoint.address == url.endpoint.address, "control stays on the host that answered")
        }
    }

    private static func size(_ element: XMLElement) -> Int {
        element.children.reduce(element.text.utf8.count / 3) { $0 + size($1) }
    }

    private static let answerSeeds: [[UInt8]] = {
        let zeros = { [UInt8](repeating: 0, count: $0) }
        let mapped: [UInt8] = zeros(10) + [0xff, 0xff, 192, 0, 2, 9]
        return [
            [2, 0x81, 0, 0, 0, 0, 0x0e, 0x10, 0, 0, 0, 9] + zeros(12) + Array(1...12)
                + [17, 0, 0, 0, 0x1a, 0xe1, 0x1a, 0xe1] + mapped,
            [0, 0x81, 0, 1, 0, 0, 0, 9],
            [0, 0x80, 0, 0, 0, 0, 0, 9, 192, 0, 2, 9],
            [0, 0x82, 0, 0, 0, 0, 0, 9, 0x1a, 0xe1, 0x1a, 0xe1, 0, 0, 0x0e, 0x10],
        ]
    }()

    private static let searchSeeds = [
        "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nLOCATION: http://192.168.1.1:5000/root.xml?a#b\r\nUSN: uuid:1\r\n\r\n",
        "HTTP/1.0 200\nlocation:http://192.168.1.1",
    ]

    private static let documents = [
        """
         <?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><URLBase>http://192.168.1.1:5000/</URLBase>
        <device><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
        <controlURL>../ctl/IPConn</controlURL></service></serviceList></device></root>
        """,
        """
        1<s:Envelope xmlns:s='x'><s:Body><u:GetExternalIPAddressResponse><NewExternalIPAddress>192.0.2.9&#10;
        </NewExternalIPAddress><!-- --><![CDATA[<]]></u:GetExternalIPAddressResponse></s:Body></s:Envelope>
        """,
        "1<s:Envelope><s:Body><s:Fault><errorCode>725</errorCode></s:Fault></s:Body></s:Envelope>",
    ]
}
