// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The nodes whose ids share a prefix of one length with ours, and those that wait for a place.
///
/// Owner: `RoutingTable`, which enforces the limits over all buckets. Invariant: every node in `nodes` has answered us.
struct Bucket: Sendable {
    var nodes: [TableNode] = []
    /// Ordered from oldest to newest.
    var waiting: [TableNode] = []
    /// When a node was last added, answered or was removed.
    var changed: Instant

    /// Returns the number of nodes in `contact`'s neighbourhood, without itself.
    func neighbours(of contact: NodeContact) -> Int {
        guard let neighbourhood = contact.endpoint.address.neighbourhood else { return 0 }
        return nodes.count { node in
            node.contact.id != contact.id && node.contact.endpoint.address.neighbourhood == neighbourhood
        }
    }

    /// Returns the node that `contact` replaces: a bad node; or, for a node whose id matches its address, one whose id
    /// does not (BEP 42). A good node keeps its place, because long uptime predicts more of it.
    func victim(for contact: NodeContact, _ limits: DHTLimits) -> Int? {
        if let bad = nodes.firstIndex(where: { $0.isBad(limits) }) { return bad }
        guard contact.isAllowed else { return nil }
        return nodes.firstIndex { !$0.contact.isAllowed }
    }

    /// Adds `node` to those that wait, in place of the one that has waited longest.
    mutating func wait(_ node: TableNode, _ limits: DHTLimits) {
        waiting.removeAll { $0.contact.id == node.contact.id || $0.contact.endpoint == node.contact.endpoint }
        waiting.append(node)
        if waiting.count > limits.replacements { waiting.removeFirst() }
    }
}
