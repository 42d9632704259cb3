// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Addresses that gave up their place at a full seed for others, the first to do so first. They come again only while
/// there is room, or after `rest`: else whoever dials most often would have all the turns.
///
/// Owner: the swarm's core. Bounded: the oldest makes room for a new one.
struct ServedAddresses: Sendable {
    /// How long others go first.
    static let rest = Interval.minutes(30)
    private static let limit = 2_048

    private var order: Deque<(address: IPAddress, at: Instant)> = []
    private var addresses: Set<IPAddress> = []

    mutating func insert(_ address: IPAddress, at now: Instant) {
        forgetOld(at: now)
        guard addresses.insert(address).inserted else { return }
        order.append((address, now))
        if order.count > Self.limit { addresses.remove(order.removeFirst().address) }
    }

    /// Whether `address` has others go first.
    mutating func contains(_ address: IPAddress, at now: Instant) -> Bool {
        forgetOld(at: now)
        return addresses.contains(address)
    }

    private mutating func forgetOld(at now: Instant) {
        while let first = order.first, now - first.at > Self.rest {
            addresses.remove(first.address)
            order.removeFirst()
        }
    }
}
