// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Searches: from the nearest nodes of the table to the result.
extension DHTCore {
    /// Starts a search in the DHT of each family, or of one; nil if too many are running.
    mutating func startSearch(
        _ goal: SearchGoal,
        only form: CompactForm? = nil,
        in batch: inout DHTBatch
    ) -> SearchNumber? {
        guard searches.count < limits.lookups else { return nil }
        let number = nextSearch
        nextSearch = SearchNumber(rawValue: number.rawValue + 1)
        let lookups = families.filter { form == nil || $0.form == form }.map { family in
            var lookup = Lookup(
                target: goal.target,
                form: family.form,
                isCareful: goal.isCareful,
                isPatient: goal.isWrite,
                networkSize: family.networkSize,
                limits: limits
            )
            let nearest = family.table.nearest(to: goal.target, count: 2 * limits.bucketSize)
            lookup.begin(with: nearest, named: nearest.count < limits.bucketSize ? namedNodes : [])
            return lookup
        }
        searches.append(Search(number: number, goal: goal, lookups: lookups))
        continueSearch(searches.count - 1, in: &batch)
        return number
    }

    /// Cancels a search. Later responses to it are ignored.
    mutating func cancelSearch(_ number: SearchNumber) {
        searches.removeAll { $0.number == number }
    }

    func searchIndex(_ number: SearchNumber) -> Int? { searches.firstIndex { $0.number == number } }

    mutating func continueSearches(in batch: inout DHTBatch) {
        for number in searches.map(\.number) {
            if let index = searchIndex(number) { continueSearch(index, in: &batch) }
        }
    }

    /// Asks the next nodes. Once all lookups have ended, writes or finishes.
    mutating func continueSearch(_ index: Int, in batch: inout DHTBatch) {
        guard searches[index].openWrites == nil else { return }
        let (number, method) = (searches[index].number, searches[index].goal.method)
        for place in searches[index].lookups.indices {
            searches[index].lookups[place].handleTime(batch.time)
            while searches[index].lookups[place].hasNextQuery, !pending.isFull, budgets.admitOwnQuery(at: batch.time) {
                let family = families.first { $0.form == searches[index].lookups[place].form }
                let next = searches[index].lookups[place].nextQuery(at: batch.time) { contact in
                    let known = family?.table.roundTrip(of: contact)
                    return family?.roundTrips.patience(with: known, limits) ?? limits.longestPatience
                }
                guard let (contact, isNamedOnly) = next else { break }
                ask(contact.endpoint, id: isNamedOnly ? nil : contact.id, method, for: .lookup(number), in: &batch)
            }
        }
        if searches[index].lookups.allSatisfy(\.isFinished) { handleLookupsEnded(index, in: &batch) }
    }

    /// Handles a node's response to a lookup.
    mutating func handleFinding(
        _ response: KRPCResponse,
        from contact: NodeContact,
        in number: SearchNumber,
        _ place: Int,
        in batch: inout DHTBatch
    ) {
        guard let index = searchIndex(number), searches[index].openWrites == nil,
            let lookup = searches[index].lookups.firstIndex(where: { $0.form == families[place].form })
        else { return }
        searches[index].lookups[lookup].handleAnswer(
            from: contact,
            naming: response.nodes,
            token: response.token,
            sequence: response.sequence
        )
        let isEnough = searches[index].collect(response, in: &batch)
        if isEnough { return finish(index, in: &batch) }
        continueSearch(index, in: &batch)
    }

    mutating func failLookup(_ number: SearchNumber, _ endpoint: PeerEndpoint, in batch: inout DHTBatch) {
        guard let index = searchIndex(number) else { return }
        for place in searches[index].lookups.indices { searches[index].lookups[place].handleFailure(of: endpoint) }
        continueSearch(index, in: &batch)
    }

    mutating func finish(_ index: Int, in batch: inout DHTBatch) {
        var search = searches.remove(at: index)
        search.result.answeredCount = search.lookups.reduce(0) { $0 + $1.answeredCount }
        search.result.queryCount += search.lookups.reduce(0) { $0 + $1.queryCount }
        batch.add(.finished(search.number, search.result))
        for place in families.indices where families[place].refresh == search.number {
            families[place].refresh = nil
        }
    }
}

extension Search {
    /// Collects from a response what is searched for. Returns whether the result can no longer improve.
    mutating func collect(_ response: KRPCResponse, in batch: inout DHTBatch) -> Bool {
        switch goal {
        case .nodes: return false
        case .peers:
            if let filter = response.seedFilter { result.seedFilter.formUnion(filter) }
            if let filter = response.peerFilter { result.peerFilter.formUnion(filter) }
            let new = response.peers.filter { $0.address.isReachable && peers.insert($0).inserted }
            if !new.isEmpty { batch.add(.peers(number, new)) }
            return false
        case .item(let target, let salt):
            guard let item = response.item(at: target, salt: salt), take(item) else { return false }
            batch.add(.item(number, item))
            return item.author == nil
        case .put(let item, _):
            if let found = response.item(at: item.target, salt: item.author?.salt ?? []) { _ = take(found) }
            return false
        case .samples:
            result.sampledCount += max(0, min(response.sampledCount ?? 0, 1 << 32))
            for sample in response.samples ?? [] where !result.samples.contains(sample) {
                result.samples.append(sample)
            }
            return false
        }
    }

    /// Keeps an item if it is the first or newer. Returns whether it did.
    private mutating func take(_ item: DHTItem) -> Bool {
        guard let known = result.item else {
            result.item = item
            return true
        }
        guard let old = known.author?.sequence, let new = item.author?.sequence, new > old else { return false }
        result.item = item
        return true
    }
}
