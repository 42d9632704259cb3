// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension RoutingTable {
    /// Returns the nodes nearest to `target` that are not bad, nearest first.
    ///
    /// Nodes of the target's own bucket are nearest, then those of all buckets nearer to us, then those of each bucket
    /// further away, so only a few buckets are searched.
    func nearest(to target: NodeID, count: Int) -> [NodeContact] {
        let middle = min(own.distance(to: target).sharedBits, buckets.count)
        var found: [NodeContact] = []
        func add(_ indices: Range<Int>) {
            guard found.count < count, !indices.isEmpty else { return }
            var group: [(distance: NodeDistance, contact: NodeContact)] = []
            for index in indices {
                for node in buckets[index].nodes where !node.isBad(limits) {
                    group.append((node.contact.id.distance(to: target), node.contact))
                }
            }
            group.sort { $0.distance < $1.distance }
            found += group.prefix(count - found.count).map(\.contact)
        }
        if middle < buckets.count {
            add(middle..<middle + 1)
            add(middle + 1..<buckets.count)
        }
        for index in (0..<middle).reversed() where found.count < count { add(index..<index + 1) }
        return found
    }

    /// Returns the node that has not been asked for longest, if that is long enough to doubt it.
    func stalest(at now: Instant) -> NodeContact? {
        var stalest: TableNode?
        for bucket in buckets {
            for node in bucket.nodes where node.asked < (stalest?.asked ?? now) { stalest = node }
        }
        guard let stalest, now - stalest.asked > limits.goodInterval / 2 || stalest.failures > 0 else { return nil }
        return stalest.contact
    }

    /// Returns a bucket that has not changed for long, or that is nearly empty although a nearer one has nodes.
    func staleBucket(at now: Instant) -> Int? {
        guard let last = buckets.lastIndex(where: { !$0.nodes.isEmpty }) else { return nil }
        return (0...last).first { now - buckets[$0].changed > limits.refreshInterval }
    }

    /// Returns a random point in bucket `index`.
    func randomTarget(inBucket index: Int, using random: inout some RandomNumberGenerator) -> NodeID {
        own.invertingBit(index).prefix(index + 1, followedBy: NodeID(using: &random))
    }
}
