// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Keeps tables filled and stores small.
extension DHTCore {
    /// Pings per tick.
    private static let pingsPerTick = 4
    private static let longestBootstrapInterval = Interval.minutes(5)

    /// Pings a node that has sent us a query, if the table has a place for it. Only a response adds the node.
    mutating func greet(_ contact: NodeContact, _ place: Int, in batch: inout DHTBatch) {
        guard families[place].table.wants(contact), budgets.admitPing(at: batch.time) else { return }
        ask(contact.endpoint, id: contact.id, .ping, for: .ping, in: &batch)
    }

    /// Handles a node that others name, such as a peer with its PORT message (BEP 5).
    mutating func handleNamed(_ endpoint: PeerEndpoint, in batch: inout DHTBatch) {
        guard place(of: endpoint) != nil, endpoint.port != 0, endpoint.address.isReachable,
            budgets.admitPing(at: batch.time)
        else { return }
        ask(endpoint, id: nil, .ping, for: .greeting(isRepeated: false), in: &batch)
    }

    /// Fills a nearly empty table at once, because a node has been found from which to fill it.
    mutating func fillSoon(_ place: Int, in batch: inout DHTBatch) {
        guard isSmall(place) else { return }
        families[place].nextBootstrap = batch.time
        nextTick = batch.time
    }

    /// Pings nodes of the other family that a response names, if few are known there (BEP 32).
    mutating func greetOthers(
        _ contacts: [NodeContact],
        namedBy teller: NodeContact,
        _ place: Int,
        in batch: inout DHTBatch
    ) {
        for other in families.indices where other != place && isSmall(other) {
            for contact in contacts where contact.endpoint.compactForm == families[other].form {
                let address = contact.endpoint.address
                guard address.isPrivate ? teller.endpoint.address.isPrivate : address.isReachable else { continue }
                greet(contact, other, in: &batch)
            }
        }
    }

    /// Whether a family's table has too few nodes to search with.
    func isSmall(_ place: Int) -> Bool { families[place].table.count < limits.bucketSize }

    /// Adds bootstrap nodes, from which an empty table is filled.
    mutating func addNamedNodes(_ endpoints: [PeerEndpoint], in batch: inout DHTBatch) {
        for endpoint in endpoints where !namedNodes.contains(endpoint) {
            namedNodes.append(endpoint)
            if namedNodes.count > limits.bootstrapNodes { namedNodes.removeFirst() }
        }
        for place in families.indices where isSmall(place) {
            families[place].nextBootstrap = batch.time
        }
        nextTick = batch.time
    }

    /// Restores nodes of an earlier run, which are asked before they are trusted.
    mutating func restore(_ contacts: [NodeContact], in batch: inout DHTBatch) {
        for contact in contacts {
            guard let place = place(of: contact.endpoint), contact.endpoint.address.isReachable else { continue }
            let before = Instant(nanoseconds: batch.time.nanoseconds &- 2 * limits.goodInterval.nanoseconds)
            families[place].table.handleAnswer(of: contact, at: before)
        }
        nextTick = batch.time
    }

    mutating func maintain(in batch: inout DHTBatch) {
        tokens.handleTimer(at: batch.time, using: &batch.generator)
        for place in families.indices {
            families[place].peers.expire(at: batch.time)
            families[place].items.expire(at: batch.time)
            refresh(place, in: &batch)
            for _ in 0..<Self.pingsPerTick {
                guard let stalest = families[place].table.stalest(at: batch.time) else { break }
                ask(stalest.endpoint, id: stalest.id, .ping, for: .ping, in: &batch)
            }
        }
    }

    /// Looks up what the table lacks: its own neighbourhood first, then buckets that have not changed for long.
    private mutating func refresh(_ place: Int, in batch: inout DHTBatch) {
        guard families[place].refresh == nil else { return }
        let table = families[place].table
        let form = families[place].form
        let isNearlyEmpty = isSmall(place)
        if isNearlyEmpty || families[place].bootstrapCount == 0 {
            guard batch.time >= families[place].nextBootstrap, !namedNodes.isEmpty || table.count > 0 else { return }
            let doublings = min(Int64(families[place].bootstrapCount), 12)
            let wait = min(limits.bootstrapInterval * (1 << doublings), Self.longestBootstrapInterval)
            families[place].nextBootstrap = batch.time + wait
            if isNearlyEmpty { nextTick = min(nextTick, batch.time + wait) }
            families[place].bootstrapCount += 1
            families[place].refresh = startRefresh(table.own, form, in: &batch)
        } else if let bucket = table.staleBucket(at: batch.time) {
            families[place].table.handleRefresh(ofBucket: bucket, at: batch.time)
            let target = table.randomTarget(inBucket: bucket, using: &batch.generator)
            families[place].refresh = startRefresh(target, form, in: &batch)
        }
    }

    private mutating func startRefresh(
        _ target: NodeID,
        _ form: CompactForm,
        in batch: inout DHTBatch
    ) -> SearchNumber? {
        let number = startSearch(.nodes(near: target), only: form, in: &batch)
        // The search may have ended at once, for lack of nodes.
        return number.flatMap { searchIndex($0) == nil ? nil : $0 }
    }
}
