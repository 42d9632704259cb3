// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Decides when to dial which of a server's addresses, until one of them opens (Happy Eyeballs, RFC 8305).
///
/// The address families alternate, starting with that of the first address. Each address has a head start of
/// `HTTPLimits.connectHeadStart` over the next, unless it fails sooner. Attempts under way continue meanwhile.
///
/// Owner: `ConnectionPool`, for one connection. Invariant: at most `HTTPLimits.addressesTried` addresses are dialled.
struct DialRace {
    private let headStart: Interval
    private var waiting: ArraySlice<IPAddress>
    private var underWay = 0
    /// When the next address may be dialled although others are under way.
    private var due: Instant?

    /// Takes `addresses` in the resolver's order of preference.
    init(_ addresses: [IPAddress], limits: HTTPLimits) {
        headStart = limits.connectHeadStart
        waiting = Self.alternating(addresses).prefix(max(1, limits.addressesTried))
    }

    /// Whether every address has failed.
    var isLost: Bool { underWay == 0 && waiting.isEmpty }

    /// When `nextAddress` returns another address if no event comes first; nil if there are none left.
    var nextWake: Instant? { waiting.isEmpty ? nil : due }

    /// Returns the next address to dial now, if there is one.
    mutating func nextAddress(at now: Instant) -> IPAddress? {
        if underWay > 0, let due, now < due { return nil }
        guard let address = waiting.popFirst() else { return nil }
        underWay += 1
        due = now + headStart
        return address
    }

    /// Records that a dialled address failed, so the next one need not wait.
    mutating func handleFailure() {
        underWay = max(0, underWay - 1)
        due = nil
    }

    private static func alternating(_ addresses: [IPAddress]) -> [IPAddress] {
        guard let isIPv4 = addresses.first?.isIPv4 else { return [] }
        let preferred = addresses.filter { $0.isIPv4 == isIPv4 }
        let other = addresses.filter { $0.isIPv4 != isIPv4 }
        return (0..<max(preferred.count, other.count)).flatMap { index in
            [preferred, other].compactMap { index < $0.count ? $0[index] : nil }
        }
    }
}
