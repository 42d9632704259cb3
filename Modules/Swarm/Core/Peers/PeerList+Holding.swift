// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Endpoints that are not dialled because a connection is to the same peer.
///
/// An incoming peer says where it listens (BEP 10 `p`), and may name a neighbour's port. So its word holds for
/// `claimPatience`, counted from the first who said so, however often others say it again. Then an endpoint that anybody
/// else has named is dialled all the same, and who answers is compared by its peer id: the same id, and the endpoint is
/// held for as long as that connection lasts, for `comparisonMemory` at most; another id, and they are two peers.
///
///     idle ──handleListenPort──► held ──handleDoubt──► idle, dialling ──another id──► connected
///      ▲                         │  ▲                        │
///      └────── letGo ────────────┘  └── the same id, or nobody answers
extension PeerList {
    /// An incoming peer told the port that it listens on: `dialable` is the same peer as `endpoint`, if that is true.
    package mutating func handleListenPort(of endpoint: PeerEndpoint, dialable: PeerEndpoint, at now: Instant) {
        guard let record = record(endpoint), record.isEphemeral, record.standsFor == nil, dialable != endpoint else {
            return
        }
        // Where it is being dialled, or connected both ways, the other connection has its own end.
        let group = endpoint.address.group
        guard handleFound(dialable, from: .incoming, isSaidToSeed: record.isSeed, by: group, at: now),
            let claimed = self.record(dialable), claimed.state == .idle, claimed.holder == nil
        else { return }
        hold(dialable, by: endpoint, doubtedFrom: claimed.doubtedFrom ?? now + limits.claimPatience)
    }

    /// The peer at `endpoint` gives us nothing: whether it listens where it says is looked into, if it is time.
    package mutating func handleDoubt(of endpoint: PeerEndpoint, at now: Instant) {
        guard let held = record(endpoint)?.standsFor, let record = record(held), record.state == .held,
            record.holder == endpoint, record.isVouchedFor, record.doubtedFrom.map({ $0 <= now }) ?? true
        else { return }
        update(held) { $0.state = .idle }
    }

    /// A dial reached a peer that `connection` is connected to already: by that it is held. A connection holds one other
    /// endpoint; where it holds another the dial has failed, so that one peer with many ports is not dialled for ever.
    package mutating func handleDuplicate(_ endpoint: PeerEndpoint, of connection: PeerEndpoint, at now: Instant) {
        guard let record = record(endpoint), record.state == .dialling else { return }
        guard let other = self.record(connection), other.state == .connected, other.endpoint != endpoint,
            other.standsFor == nil || other.standsFor == endpoint
        else { return handleFailure(endpoint, at: now) }
        if let holder = record.holder, holder != connection { update(holder) { $0.standsFor = nil } }
        hold(endpoint, by: connection, doubtedFrom: now + limits.comparisonMemory)
    }

    /// Whether a connection stands for `endpoint`, be it in doubt or not.
    package func isHeldByAnother(_ endpoint: PeerEndpoint) -> Bool { record(endpoint)?.holder != nil }

    private mutating func hold(_ endpoint: PeerEndpoint, by connection: PeerEndpoint, doubtedFrom: Instant) {
        update(connection) { $0.standsFor = endpoint }
        update(endpoint) {
            $0.state = .held
            $0.holder = connection
            $0.doubtedFrom = doubtedFrom
        }
    }

    /// A dial of a held endpoint failed: nobody contradicts the one who stands for it. False where nobody does.
    mutating func holdAgain(_ endpoint: PeerEndpoint, at now: Instant) -> Bool {
        guard let record = record(endpoint), record.state == .dialling, record.holder != nil else { return false }
        let doubtedFrom = now + limits.comparisonMemory
        update(endpoint) {
            $0.state = .held
            $0.doubtedFrom = doubtedFrom
        }
        return true
    }

    /// Somebody else is at `endpoint` than the one who stands for it. Whoever says so next is doubted at once.
    mutating func refute(_ endpoint: PeerEndpoint, at now: Instant) {
        guard let holder = record(endpoint)?.holder else { return }
        update(holder) { $0.standsFor = nil }
        update(endpoint) {
            $0.holder = nil
            $0.doubtedFrom = now
        }
    }

    /// A connection ended: what it stood for may be dialled. Nothing that became of the connection counts against that, and
    /// coming and going does not put it off for longer than staying would.
    mutating func letGo(_ connection: PeerEndpoint, at now: Instant) {
        guard let held = record(connection)?.standsFor, let record = record(held), record.holder == connection else {
            return
        }
        guard record.state == .dialling || !isBanned(held.address, at: now) else { return remove(held) }
        let rested = now + (record.origins.contains(.manual) ? limits.firstNamedRetryDelay : limits.redialDelay)
        let dialAfter = record.isVouchedFor ? min(rested, record.doubtedFrom ?? rested) : rested
        update(held) {
            $0.holder = nil
            guard $0.state == .held else { return }
            $0.state = .idle
            $0.dialAfter = max($0.dialAfter, dialAfter)
        }
    }
}
