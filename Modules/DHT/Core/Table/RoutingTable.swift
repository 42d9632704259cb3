// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The nodes that this node knows; the nearer to its own id, the more of them (BEP 5, "Routing Table").
///
/// Bucket `n` holds the nodes whose ids share exactly `n` leading bits with ours, which is the result of splitting the
/// bucket of one's own id. The first buckets are larger, which saves hops. Only nodes that answered are added, one per
/// address and few of one neighbourhood, so an attacker cannot fill the table from one network. An endpoint keeps its
/// first id.
struct RoutingTable: Sendable {
    let own: NodeID
    let limits: DHTLimits
    private(set) var buckets: [Bucket]

    init(own: NodeID, limits: DHTLimits, at now: Instant) {
        self.own = own
        self.limits = limits
        buckets = Array(repeating: Bucket(changed: now), count: 160)
    }

    /// Returns the capacity of bucket `index`.
    func capacity(ofBucket index: Int) -> Int {
        limits.bucketSize * (index < limits.wideBuckets.count ? max(1, limits.wideBuckets[index]) : 1)
    }

    var count: Int { buckets.reduce(0) { $0 + $1.nodes.count } }

    func goodCount(at now: Instant) -> Int {
        buckets.reduce(0) { $0 + $1.nodes.count { $0.isGood(at: now, limits) } }
    }

    /// All nodes, nearest bucket last.
    var nodes: [TableNode] { buckets.flatMap(\.nodes) }

    /// Returns the bucket of a point; nil for our own id.
    func bucketIndex(of id: NodeID) -> Int? {
        let shared = own.distance(to: id).sharedBits
        return shared < buckets.count ? shared : nil
    }

    func contains(_ contact: NodeContact) -> Bool {
        guard let index = bucketIndex(of: contact.id) else { return true }
        return buckets[index].nodes.contains { $0.contact == contact }
    }

    /// Whether an unknown node would get a place at once if it answered.
    func wants(_ contact: NodeContact) -> Bool {
        guard let index = bucketIndex(of: contact.id), !contains(contact) else { return false }
        let hasRoom = buckets[index].nodes.count < capacity(ofBucket: index)
        return (hasRoom || buckets[index].victim(for: contact, limits) != nil) && isAdmissible(contact, in: index)
    }

    /// Returns how long a node's responses take; nil if unknown.
    func roundTrip(of contact: NodeContact) -> Interval? {
        bucketIndex(of: contact.id).flatMap { index in
            buckets[index].nodes.first { $0.contact == contact }?.roundTrip
        }
    }

    // MARK: Inputs

    /// Records that a node answered us.
    mutating func handleAnswer(of contact: NodeContact, after roundTrip: Interval? = nil, at now: Instant) {
        guard let index = bucketIndex(of: contact.id) else { return }
        if let place = buckets[index].nodes.firstIndex(where: { $0.contact.id == contact.id }) {
            guard buckets[index].nodes[place].contact.endpoint == contact.endpoint else { return }
            buckets[index].nodes[place].answered = now
            buckets[index].nodes[place].asked = now
            buckets[index].nodes[place].failures = 0
            if let roundTrip {
                let before = buckets[index].nodes[place].roundTrip ?? roundTrip
                buckets[index].nodes[place].roundTrip = (before * 3 + roundTrip) / 4
            }
            buckets[index].changed = now
            return
        }
        var node = TableNode(contact, answeredAt: now)
        node.roundTrip = roundTrip
        let isFull = buckets[index].nodes.count >= capacity(ofBucket: index)
        let victim = isFull ? buckets[index].victim(for: contact, limits) : nil
        guard !isFull || victim != nil else { return buckets[index].wait(node, limits) }
        guard isAdmissible(contact, in: index) else { return }
        if let victim { buckets[index].nodes.remove(at: victim) }
        buckets[index].nodes.append(node)
        buckets[index].waiting.removeAll { $0.contact.id == contact.id }
        buckets[index].changed = now
    }

    /// Records that a node was sent a query.
    mutating func handleQuery(to contact: NodeContact, at now: Instant) {
        guard let index = bucketIndex(of: contact.id),
            let place = buckets[index].nodes.firstIndex(where: { $0.contact == contact })
        else { return }
        buckets[index].nodes[place].asked = now
    }

    /// Records that a node did not answer, or cannot be reached. If it is bad, a waiting node takes its place.
    mutating func handleFailure(of contact: NodeContact, at now: Instant) {
        guard let index = bucketIndex(of: contact.id) else { return }
        buckets[index].waiting.removeAll { $0.contact == contact }
        guard let place = buckets[index].nodes.firstIndex(where: { $0.contact == contact }) else { return }
        buckets[index].nodes[place].failures += 1
        guard buckets[index].nodes[place].isBad(limits) else { return }
        while let next = buckets[index].waiting.popLast() {
            guard isAdmissible(next.contact, in: index) else { continue }
            buckets[index].nodes[place] = next
            buckets[index].changed = now
            return
        }
    }

    /// Records that a bucket was looked up.
    mutating func handleRefresh(ofBucket index: Int, at now: Instant) { buckets[index].changed = now }

    /// Whether the limits allow the node: one per address, and few per neighbourhood. Private addresses are exempt from
    /// both.
    private func isAdmissible(_ contact: NodeContact, in index: Int) -> Bool {
        let address = contact.endpoint.address
        guard let neighbourhood = address.neighbourhood else {
            return !buckets.contains { $0.nodes.contains { $0.contact.endpoint == contact.endpoint } }
        }
        var (inBucket, inTable) = (0, 0)
        for (number, bucket) in buckets.enumerated() {
            for node in bucket.nodes where node.contact.endpoint.address.neighbourhood == neighbourhood {
                if node.contact.endpoint.address.group == address.group { return false }
                inTable += 1
                if number == index { inBucket += 1 }
            }
        }
        return inBucket < limits.neighboursPerBucket && inTable < limits.neighboursPerTable
    }
}
