// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Every endpoint known for one swarm, connected or not, and whom to dial next.
///
///     found ──nextToDial──► dialling ──handleConnected──► connected
///       ▲                      │                              │
///       └──handleDialFailed────┴─────────handleClosed─────────┘
///
/// Owner: the swarm's core. Invariants: at most `endpointCount` endpoints, each once; `indices` says where each is.
/// A dense array rather than the dictionary is walked, so that the order depends on what was told alone.
package struct PeerList: Sendable {
    /// Our own address as others say, for BEP 40; nil: not known, and the order is by chance. It may be wrong, so it keeps
    /// nobody from being dialled.
    package var ownEndpoint: PeerEndpoint? {
        didSet { if ownEndpoint != oldValue { arePrioritiesOld = true } }
    }
    /// Our own address has changed since the endpoints' priorities were worked out: that is done before the next dial, and not
    /// when peers say so, who may say something else with each message.
    private var arePrioritiesOld = false
    /// While we are a seed, known seeds are not dialled, and those that others call seeds come last.
    package var isSeed = false

    let limits: PeerListLimits
    var records: [PeerRecord] = []
    private var indices: [PeerEndpoint: Int] = [:]
    private var countByAddress: [AddressGroup: Int] = [:]
    private var selves: Set<PeerEndpoint> = []
    private var bans: BanList
    private var random: SeededRandom

    /// Empty. `seed` decides random choices.
    package init(limits: PeerListLimits = PeerListLimits(), seed: UInt64) {
        self.limits = limits
        bans = BanList(limit: limits.banCount, memory: limits.convictionMemory)
        random = SeededRandom(seed: seed)
    }

    /// Endpoints known.
    package var count: Int { records.count }

    /// An endpoint was found. False where it is refused: banned, ourselves, not an address to dial, one too many of
    /// its address, or the list is full of better ones.
    @discardableResult
    package mutating func handleFound(
        _ endpoint: PeerEndpoint,
        from origins: PeerOrigins,
        isSaidToSeed: Bool = false,
        at now: Instant
    ) -> Bool {
        if let index = indices[endpoint] {
            records[index].origins.formUnion(origins)
            if isSaidToSeed { records[index].isSaidToSeed = true }
            return true
        }
        guard isDialable(endpoint), !isBanned(endpoint.address, at: now) else { return false }
        let isCrowded = countByAddress[endpoint.address.group, default: 0] >= limits.endpointsPerAddress
        guard !isCrowded || endpoint.address.isLoopback else { return false }
        var record = PeerRecord(endpoint: endpoint, origins: origins, dialAfter: now, priority: priority(of: endpoint))
        record.isSaidToSeed = isSaidToSeed
        return insert(record)
    }

    /// The peer turned out to be a seed, or not.
    package mutating func handleSeed(_ endpoint: PeerEndpoint, isSeed: Bool) {
        update(endpoint) { $0.isSeed = isSeed }
    }

    /// The endpoint is ourselves: it is forgotten and never dialled again.
    package mutating func handleSelf(_ endpoint: PeerEndpoint) {
        if selves.count < limits.selfCount { selves.insert(endpoint) }
        remove(endpoint)
    }

    // MARK: Bans

    /// Notes that somebody at `address` was convicted: how often that was of late.
    package mutating func handleConviction(_ address: IPAddress, at now: Instant) -> Int {
        bans.handleConviction(address, at: now)
    }

    /// Bans an address until then, or as long as there is room. Its endpoints that are not connected are forgotten; closing
    /// the connections is the caller's.
    package mutating func ban(_ address: IPAddress, until: Instant) {
        bans.insert(address, until: until)
        let gone = records.filter { $0.endpoint.address.group == address.group && $0.state == .idle }
        for record in gone { remove(record.endpoint) }
    }

    /// Whether `address` is banned now.
    package func isBanned(_ address: IPAddress, at now: Instant) -> Bool { bans.contains(address, at: now) }

    // MARK: Records

    func isKnown(_ endpoint: PeerEndpoint) -> Bool { indices[endpoint] != nil }

    mutating func update(_ endpoint: PeerEndpoint, _ change: (inout PeerRecord) -> Void) {
        guard let index = indices[endpoint] else { return }
        change(&records[index])
    }

    func record(_ endpoint: PeerEndpoint) -> PeerRecord? { indices[endpoint].map { records[$0] } }

    /// Adds a record; false where the list is full of better ones. A connected peer always finds room, for the
    /// number of connections is bounded elsewhere.
    @discardableResult
    mutating func insert(_ record: PeerRecord) -> Bool {
        if records.count >= limits.endpointCount {
            if let worst = sampledWorst(), record.state != .idle || record.precedes(records[worst]) {
                remove(records[worst].endpoint)
            } else if record.state == .idle {
                return false
            }
        }
        indices[record.endpoint] = records.count
        countByAddress[record.endpoint.address.group, default: 0] += 1
        records.append(record)
        return true
    }

    mutating func remove(_ endpoint: PeerEndpoint) {
        guard let index = indices.removeValue(forKey: endpoint) else { return }
        let last = records.removeLast()
        if index < records.count {
            records[index] = last
            indices[last.endpoint] = index
        }
        let left = countByAddress[endpoint.address.group, default: 1] - 1
        countByAddress[endpoint.address.group] = left > 0 ? left : nil
    }

    /// The least promising of a few idle endpoints.
    private mutating func sampledWorst() -> Int? {
        var worst: Int?
        for _ in 0..<limits.evictionSampleCount where !records.isEmpty {
            let index = Int.random(in: 0..<records.count, using: &random)
            guard records[index].state == .idle else { continue }
            if worst.map({ records[$0].precedes(records[index]) }) ?? true { worst = index }
        }
        return worst
    }

    /// By BEP 40; nil while our own address is not known.
    func canonicalPriority(of endpoint: PeerEndpoint) -> UInt32? {
        ownEndpoint.map { CanonicalPriority.priority($0, endpoint) }
    }

    /// By BEP 40, or by chance, so that not everybody dials the same first.
    mutating func priority(of endpoint: PeerEndpoint) -> UInt32 {
        canonicalPriority(of: endpoint) ?? .random(in: 0...(.max), using: &random)
    }

    mutating func renewPriorities() {
        guard arePrioritiesOld else { return }
        arePrioritiesOld = false
        for index in records.indices { records[index].priority = priority(of: records[index].endpoint) }
    }

    private func isDialable(_ endpoint: PeerEndpoint) -> Bool {
        endpoint.port != 0 && !endpoint.address.isUnspecified && !endpoint.address.isMulticast
            && !selves.contains(endpoint)
    }
}
