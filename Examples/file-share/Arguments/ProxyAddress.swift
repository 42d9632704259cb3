// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RucheTransport
import RucheWire

/// A proxy's URL: `socks5://192.0.2.1:1080`, `http://user:password@proxy.example:3128`.
struct ProxyAddress: ExpressibleByArgument {
    let kind: ProxyRoute.Kind
    private let name: NamedEndpoint
    private let user: String?
    private let password: String?

    init?(argument: String) {
        guard let url = URLComponents(string: argument), let host = url.host, !host.isEmpty else { return nil }
        guard ["", "/"].contains(url.path), url.query == nil, url.fragment == nil else { return nil }
        switch url.scheme?.lowercased() {
        case "socks5", "socks5h": kind = .socks5
        case "http": kind = .http
        default: return nil
        }
        guard let port = UInt16(exactly: url.port ?? (kind == .socks5 ? 1080 : 8080)), port > 0 else { return nil }
        name = NamedEndpoint(host: host, port: port)
        (user, password) = (url.user, url.password)
    }

    /// Returns the route, whose proxy is at the first address of its name.
    func findRoute(over binding: LocalBinding) async throws -> ProxyRoute {
        guard let endpoint = await name.lookUp(over: binding).first else {
            throw CommandFailure("no address found for the proxy \(name.host): check its name")
        }
        guard let route = ProxyRoute(kind, at: endpoint, user: user, password: password) else {
            throw CommandFailure("the proxy's user and password must have at most 255 bytes each")
        }
        return route
    }
}
