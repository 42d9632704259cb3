// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The initial configuration of a DHT node.
public struct DHTConfiguration: Sendable {
    /// Nodes to bootstrap from, of which only the endpoints are known.
    public var bootstrap: [PeerEndpoint] = []
    /// The result of `DHTNode.save()` in an earlier run; nil for a new node.
    public var saved: [UInt8]?
    /// Our own public addresses, as far as known: the node's ids are derived from them (BEP 42). Other nodes report
    /// them too.
    public var addresses: [IPAddress] = []
    /// Whether the node only asks and does not answer, for example behind a strict NAT or on a metered link (BEP 43).
    public var isReadOnly = false
    /// Limits on what others may use, and on what this node keeps.
    package var limits = DHTLimits()

    /// Creates a configuration with bootstrap nodes.
    public init(bootstrap: [PeerEndpoint] = []) { self.bootstrap = bootstrap }
}
