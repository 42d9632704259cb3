// SPDX-License-Identifier: Apache-2.0

/// A host by its name or address, and a port: the form in which users, magnet links and torrents give endpoints.
///
/// `lookUp()` in RucheTransport finds the endpoints.
public struct NamedEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A host name, or an address without brackets.
    public var host: String
    /// The port, not 0.
    public var port: UInt16

    /// `port` must not be 0.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Parses `host:port` or `[IPv6 address]:port`; nil for anything else.
    public init?(_ text: String) {
        guard let (host, port) = HostAndPort.split(Array(text.utf8)[...]), port > 0 else { return nil }
        let name = String(decoding: host.name, as: UTF8.self)
        let hasColon = host.name.contains(UInt8(ascii: ":"))
        guard host.isBracketed == hasColon, !hasColon || IPAddress(name) != nil else { return nil }
        guard host.name.count <= 253, host.name.allSatisfy({ (0x21..<0x7f).contains($0) }) else { return nil }
        self.init(host: name, port: port)
    }

    /// The endpoint, if `host` is an address rather than a name.
    public var endpoint: PeerEndpoint? { IPAddress(host).map { PeerEndpoint(address: $0, port: port) } }

    /// `host:port`, with an IPv6 address in brackets.
    public var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
