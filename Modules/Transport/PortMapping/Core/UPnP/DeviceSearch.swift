// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The search for routers (SSDP, UPnP Device Architecture 1.1, section 1.3).
package enum DeviceSearch {
    /// The multicast group of searches.
    package static let group = PeerEndpoint(address: IPAddress(v4: 0xefff_fffa), port: 1900)

    /// The search targets: gateways of both versions, and the service itself, for devices that only answer to that.
    package static let targets = [
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
        "urn:schemas-upnp-org:service:WANPPPConnection:1",
    ]

    /// Returns a search, which devices answer within a second.
    package static func makeDatagram(_ target: String, host: PeerEndpoint = group) -> ByteBuffer {
        ByteBuffer(
            string: "M-SEARCH * HTTP/1.1\r\nHOST: \(host)\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: \(target)\r\n\r\n"
        )
    }

    /// Returns the URL of a device's description. Nil if the datagram is not an answer to a search, if the device is
    /// not in a private network, or if it gives another device's address.
    package static func location(in datagram: ByteBuffer, from sender: PeerEndpoint, byteLimit: Int) -> DeviceURL? {
        guard datagram.readableBytes <= byteLimit, sender.address.isIPv4, sender.address.isPrivate else { return nil }
        let text = String(decoding: datagram.readableBytesView, as: UTF8.self)
        // A carriage return and a line feed form one `Character`.
        let lines = text.split(whereSeparator: \.isNewline)
        guard let status = lines.first, status.hasPrefix("HTTP/1."), status.dropFirst(8).hasPrefix(" 200") else {
            return nil
        }
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "location" else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let trimmed = value.prefix { $0 != " " && $0 != "\t" }
            guard let url = DeviceURL(trimmed), url.endpoint.address == sender.address else { return nil }
            return url
        }
        return nil
    }
}
