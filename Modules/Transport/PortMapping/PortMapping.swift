// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The transports that a router maps ports for.
package enum MappedTransport: Hashable, Sendable, CustomStringConvertible, CaseIterable {
    /// TCP or UDP. uTP and the DHT run over UDP.
    case tcp, udp

    /// `TCP` or `UDP`, as UPnP spells it.
    package var description: String {
        switch self {
        case .tcp: "TCP"
        case .udp: "UDP"
        }
    }

    /// The protocol's number (IANA), as PCP encodes it.
    var protocolNumber: UInt8 {
        switch self {
        case .tcp: 6
        case .udp: 17
        }
    }
}

/// How a mapping was obtained.
package enum PortMappingMethod: Hashable, Sendable, CustomStringConvertible {
    /// Port Control Protocol (RFC 6887).
    case pcp
    /// NAT Port Mapping Protocol (RFC 6886).
    case natPMP
    /// UPnP Internet Gateway Device, version 1 or 2.
    case upnp

    /// The protocol's usual name.
    package var description: String {
        switch self {
        case .pcp: "PCP"
        case .natPMP: "NAT-PMP"
        case .upnp: "UPnP"
        }
    }
}

/// A port of the router that leads to a port of this machine.
package struct PortMapping: Hashable, Sendable {
    /// TCP or UDP.
    package let transport: MappedTransport
    /// The port on this machine.
    package let internalPort: UInt16
    /// The endpoint for others. The router chooses the port, which may differ from `internalPort`.
    package let external: PeerEndpoint
    /// The protocol by which the mapping was obtained.
    package let method: PortMappingMethod
    /// The lifetime in seconds that the router granted; nil for a permanent mapping. Renewed after half of it.
    package let lifetimeSeconds: Int?

    package init(
        _ transport: MappedTransport,
        internalPort: UInt16,
        external: PeerEndpoint,
        method: PortMappingMethod,
        lifetimeSeconds: Int?
    ) {
        self.transport = transport
        self.internalPort = internalPort
        self.external = external
        self.method = method
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// Whether the router's external address is private, so that another translator stands before the Internet.
    package var isBehindAnotherTranslator: Bool { external.address.isPrivate }
}

/// What happens to the mappings of a `PortMapper`.
package enum PortMappingEvent: Hashable, Sendable {
    /// A mapping was created, or its external endpoint changed.
    case mapped(PortMapping)
    /// A mapping was renewed before it expired.
    case renewed(PortMapping)
    /// A mapping has ended: the router lost it, or refuses to renew it.
    case lost(PortMapping)
    /// No mapping could be obtained. The mapper tries again later.
    case failed(PortMappingError)
}
