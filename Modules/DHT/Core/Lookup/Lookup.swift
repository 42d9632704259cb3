// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// An iterative search for the nodes nearest to a target, in one family's DHT (BEP 5; Kademlia section 2.3).
///
/// Several nodes are asked at once, nearest first. A read asks nearer ones as soon as they are known, without waiting
/// for the others, whose responses still count. A node that takes longer than it usually does is no longer waited for, though its
/// response still counts. The lookup ends when the nearest nodes have all answered.
///
/// If the result matters, the lookup follows separate paths: a node is asked on the path on which it was first found,
/// and each path must reach the target independently. An attacker on one path can mislead that path, but not the others
/// (S/Kademlia section 4.4).
///
/// Some nodes whose id does not match their address (BEP 42) are asked, but they never count as the nearest.
struct Lookup: Sendable {
    let target: NodeID
    let form: CompactForm
    let limits: DHTLimits
    /// The estimated number of nodes in the network, if known.
    let networkSize: Double?

    /// The known nodes, sorted by distance.
    private(set) var candidates: [Candidate] = []
    private var pathCount: Int
    /// Whether it waits for further nodes too before it asks the next ones.
    private let isPatient: Bool
    private var unfitQueries = 0
    /// The number of queries sent.
    private(set) var queryCount = 0

    /// - Parameters:
    ///   - isCareful: whether it follows separate paths.
    ///   - isPatient: whether more nodes matter more than time, as for a write.
    init(
        target: NodeID,
        form: CompactForm,
        isCareful: Bool,
        isPatient: Bool,
        networkSize: Double?,
        limits: DHTLimits
    ) {
        self.isPatient = isPatient
        self.target = target
        self.form = form
        self.networkSize = networkSize
        self.limits = limits
        pathCount = isCareful ? max(1, limits.paths) : 1
    }

    // MARK: Candidates

    /// Adds the initial nodes, nearest first, spread over the paths.
    mutating func begin(with contacts: [NodeContact], named endpoints: [PeerEndpoint]) {
        for (index, contact) in contacts.enumerated() { add(Candidate(contact, from: target, path: index % pathCount)) }
        let furthest = NodeID(high: ~target.high, middle: ~target.middle, low: ~target.low)
        for (index, endpoint) in endpoints.enumerated() where endpoint.compactForm == form {
            var candidate = Candidate(
                NodeContact(id: furthest, endpoint: endpoint),
                from: target,
                path: index % pathCount
            )
            candidate.isNamedOnly = true
            add(candidate)
        }
    }

    private mutating func add(_ candidate: Candidate) {
        let endpoint = candidate.contact.endpoint
        guard endpoint.compactForm == form, endpoint.port != 0,
            !candidates.contains(where: { existing in
                existing.contact.endpoint == endpoint
                    || existing.contact.id == candidate.contact.id && !candidate.isNamedOnly
            })
        else { return }
        if let neighbourhood = endpoint.address.neighbourhood {
            var neighbours = 0
            for existing in candidates where existing.contact.endpoint.address.neighbourhood == neighbourhood {
                if existing.contact.endpoint.address == endpoint.address { return }
                neighbours += 1
            }
            guard neighbours < limits.neighboursPerLookup else { return }
        }
        let place = candidates.firstIndex { candidate.distance < $0.distance } ?? candidates.endIndex
        candidates.insert(candidate, at: place)
        guard candidates.count > limits.candidates else { return }
        if let last = candidates.lastIndex(where: { $0.state == .fresh || $0.state == .failed }) {
            candidates.remove(at: last)
        }
    }

    // MARK: Inputs

    /// Records the response of a node, which names other nodes.
    mutating func handleAnswer(
        from contact: NodeContact,
        naming nodes: [NodeContact],
        token: [UInt8]?,
        sequence: Int64?
    ) {
        guard let index = candidates.firstIndex(where: { $0.contact.endpoint == contact.endpoint }) else { return }
        var candidate = candidates[index]
        if candidate.isNamedOnly {
            // Its id, and therefore its position, is now known.
            candidates.remove(at: index)
            let path = candidate.path
            candidate = Candidate(contact, from: target, path: path)
            candidate.state = .answered
            candidate.token = token
            candidate.sequence = sequence
            add(candidate)
        } else {
            candidates[index].state = .answered
            candidates[index].token = token
            candidates[index].sequence = sequence
        }
        // A node elsewhere cannot know anything in this machine's network.
        let isNeighbour = contact.endpoint.address.isPrivate
        for node in nodes where node.endpoint.address.isPrivate ? isNeighbour : node.endpoint.address.isReachable {
            add(Candidate(node, from: target, path: candidate.path))
        }
    }

    /// Records that a node cannot be reached, has another id than expected, or did not answer.
    mutating func handleFailure(of endpoint: PeerEndpoint) {
        guard let index = candidates.firstIndex(where: { $0.contact.endpoint == endpoint }) else { return }
        if candidates[index].state != .answered { candidates[index].state = .failed }
    }

    /// When to ask another node instead of one that is waited for.
    var nextPatience: Instant? {
        candidates.compactMap { candidate in
            if case .asked(let until) = candidate.state { return until }
            return nil
        }.min()
    }

    // MARK: Outputs

    /// Stops waiting for nodes that take longer than usual.
    mutating func handleTime(_ now: Instant) {
        for index in candidates.indices {
            if case .asked(let until) = candidates[index].state, until <= now { candidates[index].state = .late }
        }
    }

    /// Whether a node could be asked now.
    var hasNextQuery: Bool { nextIndex != nil }

    /// Returns the next node to ask, and whether only its endpoint is known; nil if enough are waited for, or all are
    /// found. `patience` determines how long to wait for it.
    mutating func nextQuery(
        at now: Instant,
        patience: (NodeContact) -> Interval
    ) -> (contact: NodeContact, isNamedOnly: Bool)? {
        guard let index = nextIndex else { return nil }
        let contact = candidates[index].contact
        candidates[index].state = .asked(until: now + patience(contact))
        if !candidates[index].isAllowed { unfitQueries += 1 }
        queryCount += 1
        return (contact, candidates[index].isNamedOnly)
    }

    /// Whether the nearest nodes have answered, and no pending node could change that.
    var isFinished: Bool { nextIndex == nil && !candidates.contains { $0.isAsked } }

    private var nextIndex: Int? {
        guard candidates.count(where: \.isAsked) < limits.queriesPerLookup else { return nil }
        for path in 0..<pathCount {
            if let index = nextIndex(among: { pathCount == 1 || $0.path == path }, width: pathWidth, pathConcurrency) {
                return index
            }
        }
        guard pathCount > 1 else { return nil }
        return nextIndex(among: { _ in true }, width: width, limits.concurrency)
    }

    private var pathConcurrency: Int { pathCount == 1 ? limits.concurrency : max(1, limits.concurrency - 1) }

    private var pathWidth: Int { pathCount == 1 ? width : max(2, limits.bucketSize / 2) }

    /// Returns the nearest unasked node among the `width` nearest that may answer; nil while `concurrency` nearer ones
    /// are waited for. Queries to nodes further away do not count: a quick response makes them useless, and waiting for
    /// them would slow each step down to the slowest of the step before.
    ///
    /// They do count for a write, and in a crowd, which an attacker may have placed there, and which answers quickly to lead
    /// away from the others.
    private func nextIndex(among isMember: (Candidate) -> Bool, width: Int, _ concurrency: Int) -> Int? {
        var (waitedFor, hopeful) = (0, 0)
        let countsAll = isPatient || isCrowded
        if countsAll { waitedFor = candidates.count { $0.isAsked && isMember($0) } }
        for (index, candidate) in candidates.enumerated() where isMember(candidate) {
            guard waitedFor < concurrency, hopeful < width else { return nil }
            if candidate.state == .fresh, candidate.isAllowed || mayAskUnfit { return index }
            if candidate.isAsked, !countsAll { waitedFor += 1 }
            if candidate.isHopeful { hopeful += 1 }
        }
        return nil
    }

    private var mayAskUnfit: Bool { unfitQueries < limits.bucketSize }

    /// How many of the nearest nodes must answer: more in a crowd.
    var width: Int {
        let crowd = crowd
        return crowd > 2 * limits.bucketSize ? min(crowd, limits.crowdedNodes) : limits.bucketSize
    }

    /// Whether more nodes are near the target than the network's size explains: an attacker may have placed them there.
    private var isCrowded: Bool { crowd > 2 * limits.bucketSize }

    /// The number of nodes where as many as a bucket has are expected; 0 if the network's size is unknown.
    private var crowd: Int {
        guard let networkSize, networkSize > 0 else { return 0 }
        let radius = Double(limits.bucketSize) / networkSize
        return candidates.prefix { $0.distance.share <= radius }.count { $0.isHopeful }
    }
}

extension IPAddress {
    /// Whether a node can have this address.
    var isReachable: Bool { !isUnspecified && !isMulticast && !isReserved }
}
