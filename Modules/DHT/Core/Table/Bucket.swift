// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The nodes whose ids share a prefix of one length with ours, and those that wait for a place.
///
/// Owner: `RoutingTable`, which sees to the limits over all buckets. Invariant: every node here has answered us.
struct Bucket: Sendable {
    var nodes: [TableNode] = []
    /// The latest last.
    var waiting: [TableNode] = []
    /// When a node last came, answered or went.
    var changed: Instant

    /// Nodes of `contact`'s neighbourhood, itself left out.
    func neighbours(of contact: NodeContact) -> Int {
        guard let neighbourhood = contact.endpoint.address.neighbourhood else { return 0 }
        return nodes.count { node in
            node.contact.id != contact.id && node.contact.endpoint.address.neighbourhood == neighbourhood
        }
    }

    /// Who must give its place to `contact`: a bad node; or, for a node whose id fits its address, one whose id does not
    /// (BEP 42). A node that is good keeps its place: long uptime is the best promise of more.
    func victim(for contact: NodeContact, _ limits: DHTLimits) -> Int? {
        if let bad = nodes.firstIndex(where: { $0.isBad(limits) }) { return bad }
        guard contact.isAllowed else { return nil }
        return nodes.firstIndex { !$0.contact.isAllowed }
    }

    /// Lets `node` wait in the place of who waited longest.
    mutating func wait(_ node: TableNode, _ limits: DHTLimits) {
        waiting.removeAll { $0.contact.id == node.contact.id || $0.contact.endpoint == node.contact.endpoint }
        waiting.append(node)
        if waiting.count > limits.replacements { waiting.removeFirst() }
    }
}
