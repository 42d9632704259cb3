// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Endpoints that are not dialled because a connection is to the same peer.
///
/// An incoming peer says where it listens (BEP 10 `p`), and may name a neighbour's port. Therefore its claim is
/// believed for `claimPatience`, counted from the first such claim, however often others repeat it. Then an endpoint
/// that anyone else has named is dialled anyway, and the peer there is compared by its id: with the same id, the
/// endpoint is held as long as that connection lasts, up to `comparisonMemory`; with another id, they are two peers.
///
///     idle ──handleListenPort──► held ──handleDoubt──► idle, dialling ──another id──► connected
///      ▲                         │  ▲                        │
///      └────── letGo ────────────┘  └── the same id, or nobody answers
extension PeerList {
    /// Handles the port that an incoming peer listens on: if it is true, `dialable` is the same peer as `endpoint`.
    package mutating func handleListenPort(of endpoint: PeerEndpoint, dialable: PeerEndpoint, at now: Instant) {
        guard let record = record(endpoint), record.isEphemeral, record.standsFor == nil, dialable != endpoint else {
            return
        }
        // If it is being dialled, or connected both ways, the other connection is handled separately.
        let group = endpoint.address.group
        guard handleFound(dialable, from: .incoming, isSaidToSeed: record.isSeed, by: group, at: now),
            let claimed = self.record(dialable), claimed.state == .idle, claimed.holder == nil
        else { return }
        hold(dialable, by: endpoint, doubtedFrom: claimed.doubtedFrom ?? now + limits.claimPatience)
    }

    /// Handles a peer at `endpoint` that gives us nothing: its claim is checked if it is time.
    package mutating func handleDoubt(of endpoint: PeerEndpoint, at now: Instant) {
        guard let held = record(endpoint)?.standsFor, let record = record(held), record.state == .held,
            record.holder == endpoint, record.isVouchedFor, record.doubtedFrom.map({ $0 <= now }) ?? true
        else { return }
        update(held) { $0.state = .idle }
    }

    /// Handles a dial that reached a peer to which `connection` already exists, and which now holds the endpoint. A
    /// connection holds one other endpoint; if it holds another, the dial has failed, so that one peer with many ports
    /// is not dialled for ever.
    package mutating func handleDuplicate(_ endpoint: PeerEndpoint, of connection: PeerEndpoint, at now: Instant) {
        guard let record = record(endpoint), record.state == .dialling else { return }
        guard let other = self.record(connection), other.state == .connected, other.endpoint != endpoint,
            other.standsFor == nil || other.standsFor == endpoint
        else { return handleFailure(endpoint, at: now) }
        if let holder = record.holder, holder != connection { update(holder) { $0.standsFor = nil } }
        hold(endpoint, by: connection, doubtedFrom: now + limits.comparisonMemory)
    }

    /// Returns whether a connection holds `endpoint`, in doubt or not.
    package func isHeldByAnother(_ endpoint: PeerEndpoint) -> Bool { record(endpoint)?.holder != nil }

    private mutating func hold(_ endpoint: PeerEndpoint, by connection: PeerEndpoint, doubtedFrom: Instant) {
        update(connection) { $0.standsFor = endpoint }
        update(endpoint) {
            $0.state = .held
            $0.holder = connection
            $0.doubtedFrom = doubtedFrom
        }
    }

    /// Handles a failed dial to a held endpoint: it does not contradict the holder. Returns false if there is none.
    mutating func holdAgain(_ endpoint: PeerEndpoint, at now: Instant) -> Bool {
        guard let record = record(endpoint), record.state == .dialling, record.holder != nil else { return false }
        let doubtedFrom = now + limits.comparisonMemory
        update(endpoint) {
            $0.state = .held
            $0.doubtedFrom = doubtedFrom
        }
        return true
    }

    /// Another peer is at `endpoint` than its holder. The next one to claim it is doubted at once.
    mutating func refute(_ endpoint: PeerEndpoint, at now: Instant) {
        guard let holder = record(endpoint)?.holder else { return }
        update(holder) { $0.standsFor = nil }
        update(endpoint) {
            $0.holder = nil
            $0.doubtedFrom = now
        }
    }

    /// Handles a closed connection: the endpoint that it held may be dialled. The outcome of the connection does not
    /// count against that endpoint, and reconnecting does not delay it longer than staying would.
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
