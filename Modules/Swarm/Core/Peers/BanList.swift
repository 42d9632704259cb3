// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Addresses that are distrusted for a while; IPv6 by /64. It also counts the recent convictions of each address.
/// Limited: the oldest makes room for a new one.
struct BanList: Sendable {
    private struct Entry: Sendable {
        var until = Instant.zero
        var convictions = 0
        var convictedAt = Instant.zero
    }

    private let limit: Int
    private let memory: Interval
    private var entries: [AddressGroup: Entry] = [:]
    /// The addresses, the oldest first.
    private var order: [AddressGroup] = []

    /// Creates a list that forgets convictions after `memory` without another.
    init(limit: Int, memory: Interval) {
        self.limit = limit
        self.memory = memory
    }

    /// Distrusts `address` until `until`, or as long as there is room.
    mutating func insert(_ address: IPAddress, until: Instant) { update(address) { $0.until = until } }

    /// Records a conviction of a peer at `address`, and returns the number of recent ones.
    mutating func handleConviction(_ address: IPAddress, at now: Instant) -> Int {
        let memory = memory
        var count = 0
        update(address) {
            let isFresh = $0.convictions > 0 && now - $0.convictedAt < memory
            $0.convictions = isFresh ? $0.convictions + 1 : 1
            $0.convictedAt = now
            count = $0.convictions
        }
        return count
    }

    /// Returns when the ban of `address` ends or ended.
    func end(of address: IPAddress) -> Instant { entries[address.group]?.until ?? .zero }

    func contains(_ address: IPAddress, at now: Instant) -> Bool {
        entries[address.group].map { now < $0.until } ?? false
    }

    private mutating func update(_ address: IPAddress, _ change: (inout Entry) -> Void) {
        if entries[address.group] == nil { order.append(address.group) }
        change(&entries[address.group, default: Entry()])
        while order.count > limit { entries[order.removeFirst()] = nil }
    }
}
