// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A DHT node without socket and clock (BEP 5, 32, 33, 42, 43, 44, 51).
///
/// It receives datagrams and the time, and adds what to send and what was found to a batch. Equal inputs yield equal
/// outputs: nothing here reads a clock, uses the system's randomness, or depends on the order of a hash table.
///
/// Its parts own their state: the routing table of each family, the stores, the pending queries, the budgets and the
/// searches. The core routes between them.
struct DHTCore: Sendable {
    let limits: DHTLimits
    /// Whether it does not answer queries, and says so (BEP 43).
    let isReadOnly: Bool
    /// IPv4, IPv6 or both.
    var families: [DHTFamily]
    /// Nodes to bootstrap from, of which only the endpoints are known.
    var namedNodes: [PeerEndpoint] = []
    var tokens: WriteTokens
    var budgets: TrafficBudgets
    var pending: PendingQueries
    /// The searches in the order in which they started.
    var searches: [Search] = []
    var nextSearch = SearchNumber(rawValue: 1)
    var nextTick: Instant
    /// The numbers of datagrams received and sent.
    var receivedCount = 0
    var sentCount = 0

    /// - Parameters:
    /// - forms: the families that it can send to.
    /// - addresses: its own public addresses, as far as known.
    init(
        forms: [CompactForm],
        addresses: [IPAddress] = [],
        isReadOnly: Bool = false,
        limits: DHTLimits = .init(),
        in batch: inout DHTBatch
    ) {
        self.limits = limits
        self.isReadOnly = isReadOnly
        families = forms.map { form in
            let address = addresses.first { $0.isIPv4 == (form == .v4) }
            let own = address.map { NodeID(at: $0, using: &batch.generator) } ?? NodeID(using: &batch.generator)
            var family = DHTFamily(form, own: own, limits: limits, at: batch.time)
            family.externalAddress = address
            return family
        }
        tokens = WriteTokens(lifetime: limits.tokenLifetime, at: batch.time, using: &batch.generator)
        budgets = TrafficBudgets(limits: limits, at: batch.time)
        pending = PendingQueries(limits: limits)
        nextTick = batch.time
    }

    // MARK: - Inputs

    /// Handles a datagram, which anyone may have sent.
    mutating func handle(_ datagram: [UInt8], from sender: PeerEndpoint, in batch: inout DHTBatch) {
        receivedCount += 1
        guard sender.port != 0, sender.address.isReachable || namedNodes.contains(sender),
            let place = place(of: sender), let message = try? KRPCMessage(parsing: datagram, limits: limits)
        else { return }
        switch message.body {
        case .query(let query):
            guard !isReadOnly, query.sender != families[place].own,
                budgets.admitQuery(of: Party(sender), at: batch.time)
            else { return }
            answer(query, of: message, byteCount: datagram.count, from: sender, place, in: &batch)
            if !message.isReadOnly { greet(NodeContact(id: query.sender, endpoint: sender), place, in: &batch) }
        case .response(let response):
            guard let pended = pending.take(message.transaction, from: sender) else { return }
            budgets.noteProof(of: Party(sender), at: batch.time)
            note(message.observedEndpoint, from: sender, place, in: &batch)
            handleResponse(response, to: pended, place, in: &batch)
        case .error(let error):
            guard let pended = pending.take(message.transaction, from: sender) else { return }
            budgets.noteProof(of: Party(sender), at: batch.time)
            handleError(error, to: pended, in: &batch)
        }
    }

    /// Records that datagrams cannot be sent to `endpoint`.
    mutating func handleUnsendable(to endpoint: PeerEndpoint, in batch: inout DHTBatch) {
        for query in pending.takeAll(to: endpoint) { handleFailure(of: query, in: &batch) }
        continueSearches(in: &batch)
    }

    /// Handles what is due. Call it at `nextTimer`.
    mutating func handleTimer(in batch: inout DHTBatch) {
        while let query = pending.takeTimedOut(at: batch.time) { handleFailure(of: query, in: &batch) }
        if batch.time >= nextTick {
            nextTick = batch.time + limits.tick
            maintain(in: &batch)
        }
        continueSearches(in: &batch)
    }

    /// When to call `handleTimer` next.
    mutating func nextTimer(at now: Instant) -> Instant {
        var next = nextTick
        if let timeout = pending.nextTimeout { next = min(next, timeout) }
        for search in searches {
            for lookup in search.lookups {
                if let patience = lookup.nextPatience { next = min(next, patience) }
            }
        }
        // A search is waiting for the query budget.
        if !pending.isFull, searches.contains(where: \.wantsToAsk) {
            next = min(next, max(now, budgets.nextOwnQuery(at: now)))
        }
        return next
    }

    // MARK: - Parts

    /// The index of an endpoint's family in `families`.
    func place(of endpoint: PeerEndpoint) -> Int? { families.firstIndex { $0.form == endpoint.compactForm } }

    mutating func send(_ message: KRPCMessage, to endpoint: PeerEndpoint, in batch: inout DHTBatch) {
        sentCount += 1
        batch.add(.send(message.encoded, to: endpoint))
    }

    /// Sends a query and records it as pending.
    mutating func ask(
        _ endpoint: PeerEndpoint,
        id: NodeID?,
        _ method: KRPCQuery.Method,
        for purpose: PendingQueries.Purpose,
        in batch: inout DHTBatch
    ) {
        guard let place = place(of: endpoint), !pending.isFull else { return }
        let query = PendingQueries.Query(endpoint: endpoint, id: id, purpose: purpose, sent: batch.time)
        let transaction = pending.insert(query, using: &batch.generator)
        if let id { families[place].table.handleQuery(to: NodeContact(id: id, endpoint: endpoint), at: batch.time) }
        let body = KRPCQuery(from: families[place].own, method, wants: wants(of: method))
        send(KRPCMessage(transaction: transaction, .query(body), isReadOnly: isReadOnly), to: endpoint, in: &batch)
    }

    /// The families of which a query requests nodes (BEP 32): only its own, unless few nodes of the other are known.
    private func wants(of method: KRPCQuery.Method) -> [CompactForm] {
        guard families.count > 1, families.indices.contains(where: isSmall) else { return [] }
        switch method {
        case .findNode, .getPeers: return families.map(\.form)
        default: return []
        }
    }
}

extension Search {
    /// Whether a lookup could send a query now.
    var wantsToAsk: Bool { openWrites == nil && lookups.contains(where: \.hasNextQuery) }
}
