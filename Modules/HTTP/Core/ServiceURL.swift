// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The URL of a tracker or a web seed, split into what a request to the server needs.
///
/// It is parsed once, so the connection and the request use exactly what was checked. It is read as browsers read it:
/// spaces and non-ASCII bytes in path and query are encoded, backslashes become slashes, and a fragment is dropped. A
/// host is plain ASCII (no IDNA), so no name can look like another.
package struct ServiceURL: Hashable, Sendable {
    /// The protocols that can be used.
    package enum Scheme: String, Sendable {
        /// HTTP without and with TLS, and UDP trackers (BEP 15).
        case http, https, udp

        var defaultPort: UInt16? {
            switch self {
            case .http: 80
            case .https: 443
            case .udp: nil
            }
        }
    }

    /// The protocol.
    package let scheme: Scheme
    /// The name or address, in lower case, without brackets.
    package let host: String
    /// The port; the scheme's default if the URL has none.
    package let port: UInt16
    /// The path and query as they are sent; may be empty.
    package let target: String
    /// User and password (RFC 7617), as written in the URL; nil if there are none. Never logged.
    let credentials: String?

    init(scheme: Scheme, host: String, port: UInt16, target: String, credentials: String?) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target
        self.credentials = credentials
    }

    /// Parses a URL.
    ///
    /// - Throws: `.unfitURL` for another scheme, no host, a control character, UDP without a port, or too long a text.
    package init(_ text: String) throws(HTTPError) {
        let bytes = Array(text.utf8.drop { $0 == 0x20 })
        guard bytes.count <= HTTPLimits().urlByteCount else {
            throw HTTPError(.unfitURL, "a URL of \(bytes.count) bytes")
        }
        let text = String(decoding: bytes[..<(1 + (bytes.lastIndex { $0 != 0x20 } ?? -1))], as: UTF8.self)
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw HTTPError(.unfitURL, "a control character in \(Self.redacted(text).debugDescription)")
        }
        guard let colon = text.firstIndex(of: ":"), let scheme = Scheme(rawValue: text[..<colon].lowercased()) else {
            throw HTTPError(.unfitURL, "expected http, https or udp in \(Self.redacted(text))")
        }
        let rest = URLText.withSlashes(text[text.index(after: colon)...].prefix { $0 != "#" })
        guard rest.hasPrefix("//") else {
            throw HTTPError(.unfitURL, "expected // after the scheme of \(Self.redacted(text))")
        }
        let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
        let at = authority.lastIndex(of: "@")
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let (host, port) = URLText.splitAuthority(place, defaultPort: scheme.defaultPort), port > 0 else {
            throw HTTPError(.unfitURL, "expected a host and a port in \(Self.redacted(text))")
        }
        self.scheme = scheme
        self.host = host
        self.port = port
        credentials = at.map { String(authority[..<$0]) }
        target = URLText.encoded(rest[authority.endIndex...])
    }

    /// Whether two URLs have the same scheme, host and port.
    func hasSameOrigin(as other: ServiceURL) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// Returns a URL of the same server with another path and query.
    package func asking(for target: String) -> ServiceURL {
        ServiceURL(
            scheme: scheme,
            host: host,
            port: port,
            target: URLText.encoded(target[...]),
            credentials: credentials
        )
    }

    /// Host and port as in the `Host` field: without the scheme's default port.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    private static func redacted(_ text: String) -> String { text.contains("@") ? "a URL with a password" : text }
}

extension ServiceURL: CustomStringConvertible {
    /// The URL without credentials, for logs.
    package var description: String { "\(scheme.rawValue)://\(authority)\(target)" }
}
