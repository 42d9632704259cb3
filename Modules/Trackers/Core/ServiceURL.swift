// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The URL of a tracker or of a web seed, taken apart as far as it takes to reach the server.
///
/// Only plain ASCII is taken: a name that looks like another one can't be written (no IDNA), and no byte needs an
/// interpretation that two readers may not share.
struct ServiceURL: Hashable, Sendable {
    enum Scheme: String, Sendable {
        case http, https, udp

        fileprivate var defaultPort: UInt16? {
            switch self {
            case .http: 80
            case .https: 443
            case .udp: nil
            }
        }
    }

    /// The whole, as it was given.
    let text: String
    let scheme: Scheme
    /// A name or an address, without brackets, in lower case.
    let host: String
    let port: UInt16
    /// Path and query as they are; empty where there is none.
    let path: String

    /// Throws `.unfitURL` for another scheme, a name and password, no host, or UDP without port.
    init(_ text: String) throws(TrackerFailure) {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw TrackerFailure(.unfitURL, "expected printable ASCII in \(text.debugDescription)")
        }
        guard let separator = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
        else { throw TrackerFailure(.unfitURL, "expected http, https or udp in \(text)") }
        let rest = text[separator.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let (host, port) = Self.split(authority, defaultPort: scheme.defaultPort), port > 0 else {
            throw TrackerFailure(.unfitURL, "expected a host and a port, nothing else, in \(text)")
        }
        self.text = text
        self.scheme = scheme
        self.host = host
        self.port = port
        path = String(rest[authority.endIndex...])
    }

    /// Where a redirect from here to `location`, a URL or a path, leads.
    func resolving(redirect location: String) throws(TrackerFailure) -> ServiceURL {
        guard location.hasPrefix("/"), !location.hasPrefix("//") else { return try ServiceURL(location) }
        let name = host.contains(":") ? "[\(host)]" : host
        return try ServiceURL("\(scheme.rawValue)://\(name):\(port)\(location)")
    }

    private static func split(_ authority: Substring, defaultPort: UInt16?) -> (host: String, port: UInt16)? {
        var whole = Array(authority.utf8)
        let hasPort = whole.last != UInt8(ascii: "]") && whole.contains(UInt8(ascii: ":"))
        if !hasPort {
            guard let defaultPort else { return nil }
            whole += Array(":\(defaultPort)".utf8)
        }
        guard let (host, port) = HostAndPort.split(whole[...]) else { return nil }
        let name = String(decoding: host.name, as: UTF8.self).lowercased()
        // Brackets belong to IPv6, and IPv6 to brackets; `@` and the like belong to no name.
        let isFit = host.isBracketed ? IPAddress(name)?.isIPv4 == false : name.utf8.allSatisfy(isNameByte)
        return isFit ? (name, port) : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
