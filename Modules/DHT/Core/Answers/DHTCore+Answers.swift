// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Answers to other nodes' queries.
extension DHTCore {
    mutating func answer(
        _ query: KRPCQuery,
        of message: KRPCMessage,
        byteCount: Int,
        from sender: PeerEndpoint,
        _ place: Int,
        in batch: inout DHTBatch
    ) {
        var reply = KRPCMessage(transaction: message.transaction, .error(KRPCError(202, "")), observedEndpoint: sender)
        do throws(KRPCError) {
            reply.body = .response(try response(to: query, from: sender, place, in: &batch))
        } catch {
            reply.body = .error(error)
        }
        var bytes = reply.encoded
        if bytes.count > limits.sentByteCount || !admitLength(bytes.count, sender, byteCount, batch.time) {
            reply.shorten(to: budgets.deservedByteCount(for: byteCount))
            bytes = reply.encoded
            guard bytes.count <= limits.sentByteCount, admitLength(bytes.count, sender, byteCount, batch.time) else {
                return
            }
        }
        guard budgets.admitAnswer(bytes.count, at: batch.time) else { return }
        sentCount += 1
        batch.add(.send(bytes, to: sender))
    }

    private mutating func admitLength(_ count: Int, _ sender: PeerEndpoint, _ asked: Int, _ now: Instant) -> Bool {
        budgets.admitLength(count, to: Party(sender), for: asked, at: now)
    }

    private mutating func response(
        to query: KRPCQuery,
        from sender: PeerEndpoint,
        _ place: Int,
        in batch: inout DHTBatch
    ) throws(KRPCError) -> KRPCResponse {
        var response = KRPCResponse(from: families[place].own)
        switch query.method {
        case .ping: break
        case .unfit(let error): throw error
        case .findNode(let target), .unknown(.some(let target)):
            response.nodes = nodes(near: target, for: query, place)
        case .unknown: throw KRPCError(KRPCError.unknownMethod, "method unknown")
        case .getPeers(let infoHash, let skipsSeeds, let scrapes):
            response.nodes = nodes(near: infoHash, for: query, place)
            addPeers(of: infoHash, skipsSeeds: skipsSeeds, scrapes: scrapes, to: &response, sender, place, in: &batch)
        case .announcePeer(let announcement, let token):
            try check(token, from: sender, about: announcement.infoHash)
            let endpoint = PeerEndpoint(address: sender.address, port: announcement.port ?? sender.port)
            let own = families[place].own
            let isStored = families[place].peers.insert(
                endpoint,
                isSeed: announcement.isSeed,
                in: announcement.infoHash,
                near: own,
                at: batch.time
            )
            guard isStored else { throw KRPCError(202, "no room") }
        case .get(let target, let newerThan):
            response.nodes = nodes(near: target, for: query, place)
            response.token = tokens.makeToken(for: sender.address, about: target)
            if let item = families[place].items[target] { response.add(item, newerThan: newerThan) }
        case .put(let item, let token, let replacing):
            try check(token, from: sender, about: item.target)
            guard item.isGenuine else { throw KRPCError(KRPCError.badSignature, "invalid signature") }
            let own = families[place].own
            try families[place].items.insert(
                item,
                replacing: replacing,
                from: Party(sender),
                near: own,
                at: batch.time
            )
        case .sampleInfoHashes(let target):
            response.nodes = nodes(near: target, for: query, place)
            addSamples(to: &response, place, in: &batch)
        }
        return response
    }

    private func check(_ token: [UInt8], from sender: PeerEndpoint, about target: NodeID) throws(KRPCError) {
        guard tokens.isValid(token, from: sender.address, about: target) else {
            throw KRPCError(KRPCError.malformed, "bad token")
        }
    }

    /// Returns the nearest nodes of the requested families (BEP 32).
    private func nodes(near target: NodeID, for query: KRPCQuery, _ place: Int) -> [NodeContact] {
        let forms = query.wants.isEmpty ? [families[place].form] : query.wants
        return families.filter { forms.contains($0.form) }
            .flatMap { $0.table.nearest(to: target, count: limits.bucketSize) }
    }

    private mutating func addPeers(
        of infoHash: NodeID,
        skipsSeeds: Bool,
        scrapes: Bool,
        to response: inout KRPCResponse,
        _ sender: PeerEndpoint,
        _ place: Int,
        in batch: inout DHTBatch
    ) {
        if !families[place].peers.isFull(infoHash) {
            response.token = tokens.makeToken(for: sender.address, about: infoHash)
        }
        if scrapes, let filters = families[place].peers.filters(of: infoHash) {
            response.seedFilter = filters.seeds
            response.peerFilter = filters.peers
            // Filters leave little room for nodes (BEP 33).
            response.nodes = response.nodes.filter { $0.endpoint.compactForm == families[place].form }
        }
        let used = KRPCMessage(transaction: [], .response(response), observedEndpoint: sender).encoded.count
        let room = limits.sentByteCount - used - 2 * limits.transactionByteCount
        let size = families[place].form.byteCount + 3
        response.peers = families[place].peers.peers(
            of: infoHash,
            skippingSeeds: skipsSeeds,
            count: room / size,
            using: &batch.generator
        )
    }

    private mutating func addSamples(to response: inout KRPCResponse, _ place: Int, in batch: inout DHTBatch) {
        if batch.time >= families[place].sampleEnd {
            families[place].sampleEnd = batch.time + limits.tokenLifetime
            let count = max(1, families[place].peers.swarmCount)
            families[place].sampleStart = Int.random(in: 0..<count, using: &batch.generator)
        }
        response.samples = families[place].peers.infoHashes(from: families[place].sampleStart, count: 20)
        response.sampledCount = families[place].peers.swarmCount
        response.sampleInterval = max(0, Int((families[place].sampleEnd - batch.time).seconds))
    }
}

extension KRPCResponse {
    /// Adds an item, and its value only if the asking node does not have that version (BEP 44).
    fileprivate mutating func add(_ item: DHTItem, newerThan known: Int64?) {
        if let author = item.author {
            sequence = author.sequence
            if let known, author.sequence <= known { return }
            key = author.key
            signature = author.signature
        }
        value = item.value
    }
}

extension KRPCMessage {
    /// Removes long fields step by step, until the message has at most `limit` bytes or nothing is left to remove.
    fileprivate mutating func shorten(to limit: Int) {
        guard case .response(var response) = body else { return }
        let steps: [(inout KRPCResponse) -> Void] = [
            { $0.peers = Array($0.peers.prefix(8)) },
            { $0.seedFilter = nil },
            { $0.peerFilter = nil },
            { $0.peers = [] },
            { $0.samples = $0.samples.map { Array($0.prefix(2)) } },
            {
                $0.value = nil
                $0.key = nil
                $0.signature = nil
            },
            { $0.nodes = Array($0.nodes.prefix(8)) },
            { $0.nodes = Array($0.nodes.prefix(4)) },
            { $0.nodes = Array($0.nodes.prefix(2)) },
            { $0.nodes = [] },
        ]
        for step in steps where encoded.count > limit {
            step(&response)
            body = .response(response)
        }
    }
}
