// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Addresses that are refused, and why. Bounded: the oldest ban makes room for a new one.
struct BanList: Sendable {
    private struct Ban: Sendable {
        var reason: Misbehaviour
        var until: Instant?
    }

    private let limit: Int
    private var bans: [IPAddress: Ban] = [:]
    /// The banned addresses, the oldest first.
    private var order: [IPAddress] = []

    init(limit: Int) { self.limit = limit }

    var count: Int { bans.count }

    mutating func insert(_ address: IPAddress, reason: Misbehaviour, until: Instant?) {
        if bans.updateValue(Ban(reason: reason, until: until), forKey: address) == nil { order.append(address) }
        while order.count > limit { bans[order.removeFirst()] = nil }
    }

    func reason(_ address: IPAddress, at now: Instant) -> Misbehaviour? {
        guard let ban = bans[address] else { return nil }
        if let until = ban.until, now >= until { return nil }
        return ban.reason
    }
}
