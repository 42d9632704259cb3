// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A node's id and endpoint.
package struct NodeContact: Hashable, Sendable {
    package let id: NodeID
    package let endpoint: PeerEndpoint

    package init(id: NodeID, endpoint: PeerEndpoint) {
        self.id = id
        self.endpoint = endpoint
    }

    /// Whether BEP 42 allows the node to have its id.
    var isAllowed: Bool { id.isAllowed(at: endpoint.address) }

    /// Parses nodes of 26 bytes (BEP 5) or 38 bytes (BEP 32), at most `limit`. Nodes without a port and trailing bytes
    /// are ignored.
    static func list(compact bytes: ArraySlice<UInt8>, form: CompactForm, limit: Int) -> [NodeContact] {
        var contacts: [NodeContact] = []
        var rest = bytes
        while contacts.count < limit, rest.count >= 20 + form.byteCount {
            if let id = NodeID(rest.prefix(20)),
                let endpoint = PeerEndpoint(compact: rest.dropFirst(20).prefix(form.byteCount)),
                endpoint.port != 0, endpoint.compactForm == form
            {
                contacts.append(NodeContact(id: id, endpoint: endpoint))
            }
            rest = rest.dropFirst(20 + form.byteCount)
        }
        return contacts
    }

    /// The id, the address and the port.
    var compactBytes: [UInt8] { id.bytes + endpoint.compactBytes }
}

/// The party behind an endpoint, for limits per party: an IPv4 address or an IPv6 /64. On private networks, where many
/// nodes may share an address, each endpoint is a separate party.
enum Party: Hashable, Sendable {
    case group(AddressGroup)
    case neighbour(PeerEndpoint)

    init(_ endpoint: PeerEndpoint) {
        self = endpoint.address.isPrivate ? .neighbour(endpoint) : .group(endpoint.address.group)
    }
}

extension IPAddress {
    /// The network that one operator typically has: a /24 of IPv4, a /48 of IPv6. Nil for private addresses.
    var neighbourhood: UInt64? {
        if isPrivate { return nil }
        return isIPv4 ? low >> 8 : high >> 16
    }
}
