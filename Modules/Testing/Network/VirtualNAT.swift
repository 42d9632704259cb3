// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The kinds of NAT, by the names of RFC 3489; RFC 4787 describes each by how it maps and what it filters.
public enum NATKind: CaseIterable, Hashable, Sendable {
    /// One port for each inner port, open to everyone (endpoint-independent mapping and filtering).
    case fullCone
    /// One port for each inner port, open to the addresses that it has sent to (address-dependent filtering).
    case addressRestricted
    /// One port for each inner port, open to the endpoints that it has sent to (address and port-dependent filtering).
    case portRestricted
    /// A port for each inner port and destination, open to that destination (address and port-dependent mapping).
    case symmetric
}

/// A NAT in front of a virtual host: which outer port a datagram leaves by, and which datagrams come in. Mappings never
/// expire.
struct VirtualNAT {
    private struct Mapping: Hashable {
        let inner: UInt16
        /// Nil if the mapping is used for every destination.
        let destination: PeerEndpoint?
    }

    let kind: NATKind
    private var outer: [Mapping: UInt16] = [:]
    private var inner: [UInt16: Mapping] = [:]
    /// Where each outer port has sent something.
    private var contacted: [UInt16: Set<PeerEndpoint>] = [:]
    private var nextPort: UInt16 = 20_000

    init(_ kind: NATKind) { self.kind = kind }

    /// Handles a datagram from an inner port, and returns the port by which it leaves.
    mutating func handleOutgoing(from port: UInt16, to destination: PeerEndpoint) -> UInt16 {
        let mapping = Mapping(inner: port, destination: kind == .symmetric ? destination : nil)
        let outside = outer[mapping] ?? nextPort
        if outer[mapping] == nil {
            outer[mapping] = outside
            inner[outside] = mapping
            nextPort += 1
        }
        contacted[outside, default: []].insert(destination)
        return outside
    }

    /// Returns the inner port to which a datagram is passed on; nil if it is dropped.
    func innerPort(of port: UInt16, from source: PeerEndpoint) -> UInt16? {
        guard let mapping = inner[port], let contacted = contacted[port] else { return nil }
        let isOpen =
            switch kind {
            case .fullCone: true
            case .addressRestricted: contacted.contains { $0.address == source.address }
            case .portRestricted, .symmetric: contacted.contains(source)
            }
        return isOpen ? mapping.inner : nil
    }
}
