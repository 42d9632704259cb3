// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The URL of a tracker or of a web seed, taken apart as far as it takes to ask the server.
///
/// It is parsed once: what was checked is what the connection and the request are made of. Written as browsers take it:
/// spaces and bytes beyond ASCII in path and query are encoded, backslashes are slashes, a fragment is left out. A host
/// is plain ASCII, so that no name can look like another (no IDNA).
public struct ServiceURL: Hashable, Sendable {
    /// What may be spoken to.
    public enum Scheme: String, Sendable {
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

    /// How the server is spoken to.
    public let scheme: Scheme
    /// A name or an address, without brackets, in lower case.
    public let host: String
    /// The port, by default the scheme's own.
    public let port: UInt16
    /// Path and query, as they are sent; empty where there are none.
    public let target: String
    /// User and password (RFC 7617), as they stand in the URL; nil where there are none. Never logged.
    let credentials: String?

    init(scheme: Scheme, host: String, port: UInt16, target: String, credentials: String?) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target
        self.credentials = credentials
    }

    /// The URL that `text` spells.
    ///
    /// - Throws: `.unfitURL` for another scheme, no host, a control character, UDP without port, or too much text.
    public init(_ text: String) throws(HTTPFailure) {
        let bytes = Array(text.utf8.drop { $0 == 0x20 })
        guard bytes.count <= HTTPLimits().urlByteCount else {
            throw HTTPFailure(.unfitURL, "a URL of \(bytes.count) bytes")
        }
        let text = String(decoding: bytes[..<(1 + (bytes.lastIndex { $0 != 0x20 } ?? -1))], as: UTF8.self)
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw HTTPFailure(.unfitURL, "a control character in \(Self.redacted(text).debugDescription)")
        }
        guard let colon = text.firstIndex(of: ":"), let scheme = Scheme(rawValue: text[..<colon].lowercased()) else {
            throw HTTPFailure(.unfitURL, "expected http, https or udp in \(Self.redacted(text))")
        }
        let rest = URLText.withSlashes(text[text.index(after: colon)...].prefix { $0 != "#" })
        guard rest.hasPrefix("//") else {
            throw HTTPFailure(.unfitURL, "expected // after the scheme of \(Self.redacted(text))")
        }
        let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
        let at = authority.lastIndex(of: "@")
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let (host, port) = URLText.splitAuthority(place, defaultPort: scheme.defaultPort), port > 0 else {
            throw HTTPFailure(.unfitURL, "expected a host and a port in \(Self.redacted(text))")
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

    /// The same server, asked for another path and query.
    public func asking(for target: String) -> ServiceURL {
        ServiceURL(
            scheme: scheme,
            host: host,
            port: port,
            target: URLText.encoded(target[...]),
            credentials: credentials
        )
    }

    /// Host and port as the `Host` field has them: without the scheme's own port.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    private static func redacted(_ text: String) -> String { text.contains("@") ? "a URL with a password" : text }
}

extension ServiceURL: CustomStringConvertible {
    /// The whole without credentials, for a log.
    public var description: String { "\(scheme.rawValue)://\(authority)\(target)" }
}
