// SPDX-License-Identifier: Apache-2.0

internal import OrderedCollections
internal import RucheWire

/// Which relays can introduce us to which endpoints, and which of them we have asked (BEP 55).
///
/// Owner: `HolePunchExtension`. Invariants: at most `namedCount` endpoints, the oldest first, each with at most
/// `relaysPerEndpoint` relays; at most `askCount` requests.
struct HolePunchAsks {
    private struct Named {
        /// Relays that have not been asked since the last pause.
        var relays: [PeerHandle] = []
        /// No relay is asked before this time.
        var pausedUntil = Instant.zero
    }

    private struct Ask {
        let target: PeerEndpoint
        let relay: PeerHandle
        let askedAt: Instant
    }

    private var named: OrderedDictionary<PeerEndpoint, Named> = [:]
    private var asks: [Ask] = []

    /// Records that `relay` has named an endpoint that supports hole punching.
    mutating func handleNamed(_ endpoint: PeerEndpoint, by relay: PeerHandle) {
        if named[endpoint] == nil {
            if named.count >= HolePunchLimits.namedCount { named.removeFirst(HolePunchLimits.namedCount / 10) }
            named[endpoint] = Named()
        }
        guard let relays = named[endpoint]?.relays, !relays.contains(relay),
            relays.count < HolePunchLimits.relaysPerEndpoint
        else { return }
        named[endpoint]?.relays.append(relay)
    }

    /// Returns the next relay to ask for `target`; nil if there is none, or too many are being asked. It counts as asked.
    mutating func nextRelay(for target: PeerEndpoint, at now: Instant) -> PeerHandle? {
        asks.removeAll { now - $0.askedAt > HolePunchLimits.answerTimeout }
        guard asks.count < HolePunchLimits.askCount, !asks.contains(where: { $0.target == target }),
            let entry = named[target], entry.pausedUntil <= now
        else { return nil }
        guard let relay = entry.relays.first else { return nil }
        named[target]?.relays.removeFirst()
        if entry.relays.count == 1 { named[target]?.pausedUntil = now + HolePunchLimits.pause }
        asks.append(Ask(target: target, relay: relay, askedAt: now))
        return relay
    }

    /// Records an answer. Returns false if `relay` was not asked for `target`.
    mutating func handleAnswer(_ target: PeerEndpoint, by relay: PeerHandle) -> Bool {
        guard let index = asks.firstIndex(where: { $0.target == target && $0.relay == relay }) else { return false }
        asks.remove(at: index)
        return true
    }
}
