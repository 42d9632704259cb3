// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheTransport
import RucheWire

/// Where to accept connections: `PORT`, `192.0.2.1:PORT` or `[2001:db8::1]:PORT`; port 0 lets the system choose.
struct ListenAddress: ExpressibleByArgument {
    /// Nil for any address.
    let address: IPAddress?
    let port: UInt16

    init?(argument: String) {
        if let port = UInt16(argument) {
            self.port = port
            address = nil
            return
        }
        guard let (host, port) = Self.split(argument), let address = IPAddress(host) else { return nil }
        self.address = address
        self.port = port
    }

    /// Splits at the last colon. An IPv6 address must have brackets, which are removed.
    private static func split(_ text: String) -> (host: Substring, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard !host.isEmpty, isBracketed == host.contains(":") else { return nil }
        return (isBracketed ? host.dropFirst().dropLast() : host, port)
    }
}

/// A peer by address or name: `192.0.2.1:6881`, `[2001:db8::1]:6881`, `seed.example:6881`.
struct PeerAddress: ExpressibleByArgument {
    let name: NamedEndpoint

    init?(argument: String) {
        guard let name = NamedEndpoint(argument) else { return nil }
        self.name = name
    }

    /// Whether it is written as an address, so that no name has to be looked up.
    var isAddress: Bool {
        let host = name.host
        return IPAddress(host.hasPrefix("[") ? host.dropFirst().dropLast() : host[...]) != nil
    }

    /// Returns the peer's endpoints. Throws if it has none; `kind` is what the message calls it, such as "peer".
    func find(_ kind: String, over binding: LocalBinding = LocalBinding()) async throws -> [PeerEndpoint] {
        let endpoints = await name.lookUp(over: binding)
        guard !endpoints.isEmpty else {
            throw CommandFailure("no address found for \(kind) \(name.host): check its name")
        }
        return endpoints
    }
}
