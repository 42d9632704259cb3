// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Addresses (IPv6: /64s) about which something is remembered for a while.
///
/// Owner: the swarm's core. Limited: beyond `limit`, the oldest makes room for a new one.
struct RecentAddresses: Sendable {
    private static let limit = 2_048

    private let span: Interval
    private var order: Deque<(group: AddressGroup, at: Instant)> = []
    private var groups: Set<AddressGroup> = []

    /// Creates a memory that remembers each address for `span`.
    init(for span: Interval) { self.span = span }

    mutating func insert(_ address: IPAddress, at now: Instant) { insert(address.group, at: now) }

    mutating func insert(_ group: AddressGroup, at now: Instant) {
        forgetOld(at: now)
        guard groups.insert(group).inserted else { return }
        order.append((group, now))
        if order.count > Self.limit { groups.remove(order.removeFirst().group) }
    }

    mutating func contains(_ address: IPAddress, at now: Instant) -> Bool {
        forgetOld(at: now)
        return groups.contains(address.group)
    }

    private mutating func forgetOld(at now: Instant) {
        while let first = order.first, now - first.at > span {
            groups.remove(first.group)
            order.removeFirst()
        }
    }
}
