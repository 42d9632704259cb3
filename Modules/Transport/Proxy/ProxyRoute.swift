// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// A proxy through which all connections of a session go.
public struct ProxyRoute: Hashable, Sendable {
    /// The protocols of proxies.
    public enum Kind: String, Hashable, Sendable {
        /// SOCKS version 5 (RFC 1928), with or without user and password (RFC 1929).
        case socks5
        /// HTTP CONNECT (RFC 9110 section 9.3.6), with or without user and password (RFC 7617).
        case http
    }

    /// The protocol.
    public let kind: Kind
    /// Where the proxy is. It is dialled directly, so it should be an address.
    public let endpoint: PeerEndpoint
    let login: ProxyLogin?

    /// Creates a route through the proxy at `endpoint`. `user` and `password` have at most 255 bytes each; nil if they are
    /// longer, or if there is a password without a user.
    public init?(_ kind: Kind, at endpoint: PeerEndpoint, user: String? = nil, password: String? = nil) {
        self.kind = kind
        self.endpoint = endpoint
        guard let user, !user.isEmpty else {
            guard password?.isEmpty ?? true else { return nil }
            login = nil
            return
        }
        guard let login = ProxyLogin(user: user, password: password ?? "") else { return nil }
        self.login = login
    }

    /// Whether the protocol has a way to carry datagrams. The proxy may still refuse to.
    package var carriesDatagrams: Bool { kind == .socks5 }

    func makeHandshake(to target: ProxyTarget) -> any ProxyHandshake {
        switch kind {
        case .socks5: SOCKSHandshake(to: target, login: login)
        case .http: HTTPConnectHandshake(to: target, login: login)
        }
    }
}
