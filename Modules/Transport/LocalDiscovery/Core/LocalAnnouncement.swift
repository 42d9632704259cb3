// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
package import RucheWire

/// An announcement of torrents to the local network (BEP 14).
package struct LocalAnnouncement: Hashable, Sendable {
    /// The multicast groups of announcements.
    package static let groups = [
        PeerEndpoint(address: IPAddress(v4: 0xefc0_988f), port: 6771),
        PeerEndpoint(address: IPAddress(v6High: 0xff15_0000_0000_0000, low: 0xefc0_988f), port: 6771),
    ]

    /// The port on which the sender accepts peers.
    package var port: UInt16
    /// v1 info-hashes, or v2 info-hashes truncated to 20 bytes.
    package var infoHashes: [SHA1Digest]
    /// Lets a sender recognise its own announcements.
    package var cookie: String?

    package init(port: UInt16, infoHashes: [SHA1Digest], cookie: String?) {
        self.port = port
        self.infoHashes = infoHashes
        self.cookie = cookie
    }

    /// Returns the datagram for a group.
    package func makeDatagram(to group: PeerEndpoint) -> ByteBuffer {
        var text = "BT-SEARCH * HTTP/1.1\r\nHost: \(group)\r\nPort: \(port)\r\n"
        for hash in infoHashes { text += "Infohash: \(hash)\r\n" }
        if let cookie { text += "cookie: \(cookie)\r\n" }
        return ByteBuffer(string: text + "\r\n\r\n")
    }

    /// Parses an announcement; nil if it is too long, has no port, or has no or too many info-hashes. Malformed
    /// info-hashes and unknown lines are skipped.
    package init?(parsing datagram: ByteBuffer, limits: LocalDiscoveryLimits) {
        guard datagram.readableBytes <= limits.datagramBytes else { return nil }
        let bytes = datagram.readableBytesView
        let lines = bytes.split(separator: UInt8(ascii: "\n")).map {
            $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0
        }
        guard let request = lines.first, request.starts(with: Array("BT-SEARCH ".utf8)) else { return nil }
        var port: UInt16?
        infoHashes = []
        cookie = nil
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = String(decoding: line[(colon + 1)...].drop { $0 == 0x20 }.prefix { $0 != 0x20 }, as: UTF8.self)
            switch name {
            case "port": port = UInt16(value)
            case "infohash": infoHashes += SHA1Digest(hex: value).map { [$0] } ?? []
            case "cookie": cookie = String(value.prefix(64))
            default: break
            }
        }
        guard let port, port > 0, !infoHashes.isEmpty, infoHashes.count <= limits.infoHashes else { return nil }
        self.port = port
    }
}
