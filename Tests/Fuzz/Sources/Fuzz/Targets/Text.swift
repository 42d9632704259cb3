// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension FuzzTarget {
    static let magnet = FuzzTarget(name: "magnet", seeds: { links.map { Array($0.utf8) } }) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let link = try? MagnetLink(parsing: text) else { return }
        let again = try? MagnetLink(parsing: link.description)
        require(again?.hashes == link.hashes, "writing it keeps its hashes")
        require(again?.description == link.description, "writing it again gives the same text")
    }

    static let addresses = FuzzTarget(name: "addresses", seeds: { texts.map { Array($0.utf8) } }) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let address = IPAddress(text) {
            require(IPAddress(address.description) == address, "\(address) can be read")
        }
        if let endpoint = PeerEndpoint(text) {
            require(PeerEndpoint(endpoint.description) == endpoint, "\(endpoint) can be read")
        }
        for form in [CompactForm.v4, .v6] {
            guard let list = PeerEndpoint.list(compact: bytes, form: form, limit: 100) else { continue }
            require(list.count <= 100, "limits hold")
            for endpoint in list where endpoint.port != 0 {
                require(PeerEndpoint(endpoint.description) == endpoint, "\(endpoint) can be read")
            }
        }
        _ = IPAddress(compact: bytes)
    }

    private static let links: [String] = {
        let v1 = String(repeating: "0123456789abcdef0123", count: 2)
        let v2 = String(repeating: "fedcba9876543210", count: 4)
        return [
            "magnet:?xt=urn:btih:\(v1)&dn=a%20name&tr=http%3A%2F%2Ftracker.example%2Fannounce&x.pe=10.0.0.1:6881",
            "magnet:?xt=urn:btih:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&ws=http%3A%2F%2Fseed.example&so=0,2-4",
            "magnet:?xt.1=urn:btmh:1220\(v2)&xt.2=urn:btih:\(v1)&x.pe=[2001:db8::1]:1&tr.1=udp%3A%2F%2Ft.example%3A1",
        ]
    }()

    private static let texts = [
        "127.0.0.1", "127.0.0.1:6881", "::", "::1", "[2001:db8::8a2e:370:7334]:443", "::ffff:10.1.2.3", "fe80::1%eth0",
        "256.1.1.1", "[::]:65536", "1:2:3:4:5:6:7:8",
    ]
}
