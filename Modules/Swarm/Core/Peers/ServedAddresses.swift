// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Addresses (IPv6: /64s) that gave up their place at a full seed for others, the first to do so first. They come again only while
/// there is room, or after `rest`: else whoever dials most often would have all the turns.
///
/// Owner: the swarm's core. Bounded: the oldest makes room for a new one.
struct ServedAddresses: Sendable {
    /// How long others go first.
    static let rest = Interval.minutes(30)
    private static let limit = 2_048

    private var order: Deque<(group: AddressGroup, at: Instant)> = []
    private var addresses: Set<AddressGroup> = []

    mutating func insert(_ address: IPAddress, at now: Instant) {
        forgetOld(at: now)
        guard addresses.insert(address.group).inserted else { return }
        order.append((address.group, now))
        if order.count > Self.limit { addresses.remove(order.removeFirst().group) }
    }

    /// Whether `address` has others go first.
    mutating func contains(_ address: IPAddress, at now: Instant) -> Bool {
        forgetOld(at: now)
        return addresses.contains(address.group)
    }

    private mutating func forgetOld(at now: Instant) {
        while let first = order.first, now - first.at > Self.rest {
            addresses.remove(first.group)
            order.removeFirst()
        }
    }
}
