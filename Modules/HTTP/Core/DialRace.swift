// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Decides which of a server's addresses is dialled when, until one of them opens (Happy Eyeballs, RFC 8305).
///
/// The families take turns, beginning with that of the first address. Each address has a head start of
/// `HTTPLimits.connectHeadStart` before the next one, unless it fails sooner; none of them is given up for that.
///
/// Owner: `ConnectionPool`, for one connection. Invariant: no more than `HTTPLimits.addressesTried` are dialled in all.
struct DialRace {
    private let headStart: Interval
    private var waiting: ArraySlice<IPAddress>
    private var underWay = 0
    /// When the next address may be dialled though others are under way.
    private var due: Instant?

    /// `addresses` stand in the resolver's order of preference.
    init(_ addresses: [IPAddress], limits: HTTPLimits) {
        headStart = limits.connectHeadStart
        waiting = Self.alternating(addresses).prefix(max(1, limits.addressesTried))
    }

    /// Nothing is under way, and nothing is left to dial.
    var isLost: Bool { underWay == 0 && waiting.isEmpty }

    /// When `nextAddress` has something though nothing happens before; nil where it never has.
    var nextWake: Instant? { waiting.isEmpty ? nil : due }

    /// The next address that must be dialled now, if there is one.
    mutating func nextAddress(at now: Instant) -> IPAddress? {
        if underWay > 0, let due, now < due { return nil }
        guard let address = waiting.popFirst() else { return nil }
        underWay += 1
        due = now + headStart
        return address
    }

    /// An address that was dialled cannot be reached: the next one need not wait.
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
