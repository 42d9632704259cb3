// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// How a node of the DHT begins.
public struct DHTConfiguration: Sendable {
    /// Nodes to begin with, of which only the endpoints are known.
    public var bootstrap: [PeerEndpoint] = []
    /// What `DHTNode.save()` returned in an earlier run; nil for a node that begins anew.
    public var saved: [UInt8]?
    /// Our own public addresses, where they are known: the node's ids belong to them (BEP 42). Other nodes tell them too.
    public var addresses: [IPAddress] = []
    /// Asks and does not answer, such as behind a NAT that lets nothing in, or on a metered link (BEP 43).
    public var isReadOnly = false
    /// What others may take, and what this node keeps.
    public var limits = DHTLimits()

    /// A configuration with these nodes to begin with.
    public init(bootstrap: [PeerEndpoint] = []) { self.bootstrap = bootstrap }
}
