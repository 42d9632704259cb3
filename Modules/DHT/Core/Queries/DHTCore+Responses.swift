// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Handling the outcomes of this node's own queries.
extension DHTCore {
    mutating func handleResponse(
        _ response: KRPCResponse,
        to query: PendingQueries.Query,
        _ place: Int,
        in batch: inout DHTBatch
    ) {
        let contact = NodeContact(id: response.sender, endpoint: query.endpoint)
        guard response.sender != families[place].own, query.id == nil || query.id == response.sender else {
            // A node other than the one asked answers at that endpoint.
            return handleFailure(of: query, in: &batch)
        }
        let roundTrip = batch.time - query.sent
        families[place].roundTrips.note(roundTrip)
        // A named node behind a proxy has a stand-in for an address, which must not be told to others.
        if contact.endpoint.address.isReachable {
            families[place].table.handleAnswer(of: contact, after: roundTrip, at: batch.time)
        }
        greetOthers(response.nodes, namedBy: contact, place, in: &batch)
        switch query.purpose {
        case .ping: break
        case .greeting: fillSoon(place, in: &batch)
        case .lookup(let number): handleFinding(response, from: contact, in: number, place, in: &batch)
        case .write(let number):
            guard let index = searchIndex(number) else { return }
            searches[index].result.storedCount += 1
            endWrite(index, in: &batch)
        }
    }

    mutating func handleError(_ error: KRPCError, to query: PendingQueries.Query, in batch: inout DHTBatch) {
        switch query.purpose {
        case .ping, .greeting: break
        case .lookup(let number): failLookup(number, query.endpoint, in: &batch)
        case .write(let number):
            guard let index = searchIndex(number) else { return }
            searches[index].result.refusals.append(error)
            endWrite(index, in: &batch)
        }
    }

    /// Records that a query was not answered, or by another node.
    mutating func handleFailure(of query: PendingQueries.Query, in batch: inout DHTBatch) {
        if let id = query.id, let place = place(of: query.endpoint) {
            let contact = NodeContact(id: id, endpoint: query.endpoint)
            families[place].table.handleFailure(of: contact, at: batch.time)
        }
        switch query.purpose {
        case .ping, .greeting(isRepeated: true): break
        // It may have been busy, and nothing else leads to it.
        case .greeting(isRepeated: false):
            ask(query.endpoint, id: nil, .ping, for: .greeting(isRepeated: true), in: &batch)
        case .lookup(let number): failLookup(number, query.endpoint, in: &batch)
        case .write(let number):
            guard let index = searchIndex(number) else { return }
            endWrite(index, in: &batch)
        }
    }

    /// Records our endpoint as another node sees it. If enough agree, the id follows the address (BEP 42).
    mutating func note(
        _ observed: PeerEndpoint?,
        from sender: PeerEndpoint,
        _ place: Int,
        in batch: inout DHTBatch
    ) {
        guard let observed, let address = families[place].votes.note(observed.address, from: sender.address),
            address != families[place].externalAddress
        else { return }
        families[place].externalAddress = address
        guard !families[place].own.isAllowed(at: address) else { return }
        families[place].move(to: NodeID(at: address, using: &batch.generator), limits: limits, at: batch.time)
    }
}
