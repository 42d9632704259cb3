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
        guard let (host, port) = HostPort.split(argument), let address = IPAddress(host) else { return nil }
        self.address = address
        self.port = port
    }
}

/// A peer by address or name: `192.0.2.1:6881`, `[2001:db8::1]:6881`, `seed.example:6881`.
struct PeerAddress: ExpressibleByArgument {
    let host: String
    let port: UInt16

    init?(argument: String) {
        guard let (host, port) = HostPort.split(argument), port > 0 else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// Returns the peer's endpoints. Throws if it has none; `kind` is what the message calls it, such as "peer".
    func find(_ kind: String) async throws -> [PeerEndpoint] {
        let endpoints = await HostLookup.endpoints(host: host, port: port)
        guard !endpoints.isEmpty else {
            throw CommandFailure("no address found for \(kind) \(host): check its name")
        }
        return endpoints
    }
}

private enum HostPort {
    /// Splits at the last colon. An IPv6 address must have brackets, which are removed.
    static func split(_ text: String) -> (host: Substring, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard !host.isEmpty, isBracketed == host.contains(":") else { return nil }
        return (isBracketed ? host.dropFirst().dropLast() : host, port)
    }
}
