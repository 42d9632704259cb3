// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Dials and connections.
extension PeerList {
    /// Returns up to `count` endpoints to dial, the best first. They count as being dialled until the outcome is
    /// reported.
    package mutating func nextToDial(upTo count: Int, at now: Instant) -> [PeerEndpoint] {
        var chosen: [PeerEndpoint] = []
        while chosen.count < count, let entry = queue.next(at: now) {
            guard let record = record(entry.endpoint), record.ticket == entry.ticket, mayDial(record) else { continue }
            guard !record.isHearsay || takesTurn(record, at: now) else { continue }
            update(entry.endpoint) {
                $0.state = .dialling
                $0.isPaced = $0.isHearsay
            }
            chosen.append(entry.endpoint)
        }
        return chosen
    }

    /// Handles a dial that is made out of turn. Returns false if the endpoint is unknown, connected, held or being dialled.
    mutating func handleDialBegun(_ endpoint: PeerEndpoint) -> Bool {
        guard record(endpoint)?.state == .idle else { return false }
        update(endpoint) { $0.state = .dialling }
        return true
    }

    /// Returns whether it is the turn of an endpoint that only peers have named; if not, it is returned when it is.
    private mutating func takesTurn(_ record: PeerRecord, at now: Instant) -> Bool {
        let group = record.endpoint.address.group
        let turn = record.hasTurn ? now : pace.nextTurn(group, at: now)
        let isFull = pace.isFull(group)
        guard turn > now || isFull else {
            pace.handleBegun(group, at: now)
            update(record.endpoint) { $0.hasTurn = false }
            return true
        }
        let dialAfter = turn > now ? turn : now + limits.hearsayDialInterval
        update(record.endpoint) {
            $0.hasTurn = true
            $0.dialAfter = dialAfter
        }
        return false
    }

    /// Returns when `nextToDial` may return more; nil if none waits. O(n): for ticks only.
    package func nextDialTime(at now: Instant) -> Instant? {
        work.add(records.count)
        return records.lazy.filter { mayDial($0) }.map { max($0.dialAfter, now) }.min()
    }

    /// Handles a successful dial, or a peer that connected to us from `endpoint`.
    package mutating func handleConnected(_ endpoint: PeerEndpoint, isIncoming: Bool, at now: Instant) {
        if !isKnown(endpoint) {
            var record = PeerRecord(
                endpoint: endpoint,
                origins: isIncoming ? .incoming : .manual,
                state: .connected,
                dialAfter: now,
                priority: priority(of: endpoint)
            )
            record.isEphemeral = isIncoming
            insert(record)
        }
        refute(endpoint, at: now)
        update(endpoint) {
            $0.state = .connected
            $0.wasReached = true
        }
        credit(endpoint, to: nil)
    }

    /// Handles a failed dial: the next attempt waits longer, up to the last.
    package mutating func handleDialFailed(_ endpoint: PeerEndpoint, at now: Instant) {
        if !holdAgain(endpoint, at: now) { handleFailure(endpoint, at: now) }
    }

    /// Handles a dial that could not be made: it is repeated soon, and does not count as a failure.
    package mutating func handleDialDeferred(_ endpoint: PeerEndpoint, at now: Instant) {
        guard let record = record(endpoint), record.state == .dialling else { return }
        guard !isBanned(endpoint.address, at: now) else { return remove(endpoint) }
        let dialAfter = now + limits.deferredDialDelay
        update(endpoint) {
            $0.state = .idle
            $0.dialAfter = dialAfter
        }
    }

    /// Handles a closed connection. If `wasUseful`, because it transferred something, it is soon dialled again.
    package mutating func handleClosed(_ endpoint: PeerEndpoint, wasUseful: Bool, at now: Instant) {
        letGo(endpoint, at: now)
        guard let record = record(endpoint), record.state == .connected else { return }
        guard !record.isEphemeral, !isBanned(endpoint.address, at: now) else { return remove(endpoint) }
        guard wasUseful else { return handleFailure(endpoint, at: now) }
        let isNamed = record.origins.contains(.manual)
        let dialAfter = now + (isNamed ? limits.firstNamedRetryDelay : limits.redialDelay)
        update(endpoint) {
            $0.state = .idle
            $0.failures = 0
            $0.dialAfter = dialAfter
        }
    }

    mutating func handleFailure(_ endpoint: PeerEndpoint, at now: Instant) {
        guard let record = record(endpoint), record.state != .idle else { return }
        guard !isBanned(endpoint.address, at: now) else { return remove(endpoint) }
        // Endpoints that the user named are retried for ever.
        guard record.failures + 1 < limits.maxFailures || record.origins.contains(.manual) else {
            return remove(endpoint)
        }
        let doublings = Int64(min(record.failures, 16))
        // The user waits for endpoints that the user named.
        let isNamed = record.origins.contains(.manual)
        let first = isNamed ? limits.firstNamedRetryDelay : limits.firstRetryDelay
        let delay = min(first * (1 << doublings), isNamed ? limits.maxNamedRetryDelay : limits.maxRetryDelay)
        update(endpoint) {
            $0.state = .idle
            $0.failures = min($0.failures + 1, 1000)
            $0.dialAfter = now + delay
        }
    }
}

/// The order of dials.
extension PeerList {
    /// The position of a record in the order; nil if it must not be dialled.
    struct Place: Equatable {
        let rank: UInt64
        let dialAfter: Instant
    }

    func place(of record: PeerRecord) -> Place? {
        mayDial(record) ? Place(rank: record.rank(forSeed: isSeed), dialAfter: record.dialAfter) : nil
    }

    /// Gives a record a position in the queue; its earlier entries become invalid.
    mutating func enqueue(_ index: Int) {
        let ticket = takeTicket()
        records[index].ticket = ticket
        guard let place = place(of: records[index]) else { return }
        queue.insert(
            DialQueue.Entry(
                endpoint: records[index].endpoint,
                ticket: ticket,
                rank: place.rank,
                dialAfter: place.dialAfter
            )
        )
        if queue.count > DialQueue.slack * records.count + 64 { renewQueue() }
    }

    /// Rebuilds the queue without invalid entries.
    mutating func renewQueue() {
        queue.removeAll()
        work.add(records.count)
        for index in records.indices { enqueue(index) }
    }

    private func mayDial(_ record: PeerRecord) -> Bool {
        guard record.state == .idle, !record.isEphemeral else { return false }
        return !isSeed || !record.isSeed && (record.isVouchedFor || !record.isSaidToSeed)
    }
}
