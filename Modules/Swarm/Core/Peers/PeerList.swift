// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// All endpoints known for one swarm, connected or not, and the order in which to dial them.
///
///     found ──nextToDial──► dialling ──handleConnected──► connected
///      │ ▲                     │                              │
///      │ └──handleDialFailed───┴─────────handleClosed─────────┘
///      ▼
///     held, while another connection is to the same peer (`PeerList+Holding`)
///
/// While there is room every endpoint is kept, however many its address has. In a full list the address with the larger
/// share gives one up.
///
/// Owner: the swarm's core. Invariants: at most `endpointCount` endpoints, each once; `indices` has the index of each;
/// each that may be dialled has one entry with its ticket in `queue`. It iterates a dense array rather than the
/// dictionary, so that the order depends only on its inputs. Cost: O(log n) for each event except bans and ticks.
package struct PeerList: Sendable {
    /// Our own address according to others, for BEP 40; nil if unknown, and the order is random. It may be wrong, so it
    /// does not keep any endpoint from being dialled.
    package var ownEndpoint: PeerEndpoint? {
        didSet { if ownEndpoint != oldValue { isOrderStale = true } }
    }
    /// While we are a seed, known seeds are not dialled, and those that others call seeds come last.
    package var isSeed = false {
        didSet { if isSeed != oldValue { isOrderStale = true } }
    }

    let limits: PeerListLimits
    /// Addresses that are never dialled.
    private let blocked: BlockedAddresses
    var records: [PeerRecord] = []
    private var indices: [PeerEndpoint: Int] = [:]
    private var countByAddress: [AddressGroup: Int] = [:]
    /// The number of endpoints that only this address has named.
    private var countByTeller: [AddressGroup: Int] = [:]
    private var selves: Set<PeerEndpoint> = []
    private var bans: BanList
    private var random: SeededRandom
    let work: WorkMeter
    var queue: DialQueue
    var pace: DialPace
    /// Our address, or whether we are a seed, has changed since the last tick.
    private var isOrderStale = false
    private var lastTicket: UInt32 = 0

    /// Creates an empty list. `seed` determines random choices.
    package init(
        limits: PeerListLimits = PeerListLimits(),
        blocked: BlockedAddresses = BlockedAddresses(),
        seed: UInt64,
        work: WorkMeter = WorkMeter()
    ) {
        self.limits = limits
        self.blocked = blocked
        self.work = work
        queue = DialQueue(work: work)
        pace = DialPace(limits: limits, work: work)
        bans = BanList(limit: limits.banCount, memory: limits.convictionMemory)
        random = SeededRandom(seed: seed)
    }

    /// The number of known endpoints.
    package var count: Int { records.count }

    /// Handles an endpoint that was found. `teller` is the address of the peer that named it. Returns false if it is
    /// refused: blocked, banned, ourselves, not dialable, its teller has named enough, or the list is full and none has to make
    /// room.
    @discardableResult
    package mutating func handleFound(
        _ endpoint: PeerEndpoint,
        from origins: PeerOrigins,
        isSaidToSeed: Bool = false,
        by teller: AddressGroup? = nil,
        at now: Instant
    ) -> Bool {
        if isKnown(endpoint) {
            update(endpoint) {
                $0.origins.formUnion(origins)
                if isSaidToSeed { $0.isSaidToSeed = true }
                // It need not wait for the turn that it got as hearsay.
                if $0.hasTurn, !$0.isHearsay { ($0.hasTurn, $0.dialAfter) = (false, now) }
            }
            if let told = record(endpoint)?.teller, teller != told { credit(endpoint, to: nil) }
            return true
        }
        guard isDialable(endpoint), !isBanned(endpoint.address, at: now), !blocked.contains(endpoint.address) else {
            return false
        }
        var record = PeerRecord(endpoint: endpoint, origins: origins, dialAfter: now, priority: priority(of: endpoint))
        record.isSaidToSeed = isSaidToSeed
        if let teller, countByTeller[teller, default: 0] >= limits.endpointsPerTeller { return false }
        guard insert(record) else { return false }
        credit(endpoint, to: teller)
        return true
    }

    /// Records whether the peer connected at `endpoint` is a seed.
    package mutating func handleSeed(_ endpoint: PeerEndpoint, isSeed: Bool) {
        update(endpoint) { $0.isSeed = isSeed }
        // Only the peer itself says that it listens there.
        if let other = record(endpoint)?.standsFor { update(other) { $0.isSaidToSeed = isSeed } }
    }

    /// Rebuilds the order if our address, or whether we are a seed, has changed. Must be called at each tick.
    package mutating func handleTick() {
        guard isOrderStale else { return }
        isOrderStale = false
        work.add(records.count)
        for index in records.indices {
            if let priority = canonicalPriority(of: records[index].endpoint) { records[index].priority = priority }
        }
        renewQueue()
    }

    /// Handles an endpoint that is ourselves: it is removed and never dialled again.
    package mutating func handleSelf(_ endpoint: PeerEndpoint) {
        if selves.count < limits.selfCount { selves.insert(endpoint) }
        remove(endpoint)
    }

    // MARK: Bans

    /// Records a conviction of a peer at `address`, and returns the number of recent ones.
    package mutating func handleConviction(_ address: IPAddress, at now: Instant) -> Int {
        bans.handleConviction(address, at: now)
    }

    /// Bans an address until `until`, or as long as there is room: its endpoints are not dialled, and those that are
    /// not connected are removed.
    package mutating func ban(_ address: IPAddress, until: Instant) {
        bans.insert(address, until: until)
        work.add(records.count)
        let gone = records.filter { $0.endpoint.address.group == address.group && $0.state == .idle }
        for record in gone { remove(record.endpoint) }
    }

    /// Returns when the ban of `address` ends or ended; the distant past if it has never been banned.
    func banEnd(of address: IPAddress) -> Instant { bans.end(of: address) }

    /// Returns whether `address` is banned now.
    package func isBanned(_ address: IPAddress, at now: Instant) -> Bool { bans.contains(address, at: now) }

    // MARK: Records

    func isKnown(_ endpoint: PeerEndpoint) -> Bool { indices[endpoint] != nil }

    mutating func update(_ endpoint: PeerEndpoint, _ change: (inout PeerRecord) -> Void) {
        guard let index = indices[endpoint] else { return }
        let before = place(of: records[index])
        change(&records[index])
        if records[index].isPaced, records[index].state != .dialling {
            records[index].isPaced = false
            pace.handleEnded(endpoint.address.group)
        }
        if place(of: records[index]) != before { enqueue(index) }
    }

    func record(_ endpoint: PeerEndpoint) -> PeerRecord? { indices[endpoint].map { records[$0] } }

    /// Adds a record. Returns false if the list is full and none has to make room. There is always room for a connected
    /// peer, because the number of connections is limited elsewhere.
    @discardableResult
    mutating func insert(_ new: PeerRecord) -> Bool {
        var record = new
        let group = record.endpoint.address.group
        let share = countByAddress[group, default: 0]
        if records.count >= limits.endpointCount {
            if let index = nextYielding(to: record, share: share) {
                remove(records[index].endpoint)
            } else if record.state == .idle {
                return false
            }
        }
        if !record.endpoint.address.isLoopback {
            record.crowd = UInt16(clamping: share / max(1, limits.fairEndpointsPerAddress))
        }
        indices[record.endpoint] = records.count
        countByAddress[group, default: 0] += 1
        records.append(record)
        enqueue(records.count - 1)
        return true
    }

    mutating func remove(_ endpoint: PeerEndpoint) {
        credit(endpoint, to: nil)
        guard let index = indices.removeValue(forKey: endpoint) else { return }
        if records[index].isPaced { pace.handleEnded(endpoint.address.group) }
        let last = records.removeLast()
        if index < records.count {
            records[index] = last
            indices[last.endpoint] = index
        }
        let left = countByAddress[endpoint.address.group, default: 1] - 1
        countByAddress[endpoint.address.group] = left > 0 ? left : nil
    }

    /// Records the only address that has named `endpoint`; nil if there is none or several, or if it was reached.
    mutating func credit(_ endpoint: PeerEndpoint, to teller: AddressGroup?) {
        guard let index = indices[endpoint], records[index].teller != teller else { return }
        if let old = records[index].teller {
            let left = countByTeller[old, default: 1] - 1
            countByTeller[old] = left > 0 ? left : nil
        }
        if let teller { countByTeller[teller, default: 0] += 1 }
        records[index].teller = teller
    }

    /// Returns which of a few idle endpoints yields to `new`, whose address has `share`: one of the address that has
    /// most, if that is two more. Otherwise the least promising of those whose address has more than the newcomer's, or
    /// of its own, if the newcomer is more promising.
    private mutating func nextYielding(to new: PeerRecord, share: Int) -> Int? {
        guard !records.isEmpty else { return nil }
        let sample = (0..<limits.evictionSampleCount).map { _ in Int.random(in: 0..<records.count, using: &random) }
        work.add(sample.count)
        let idle = sample.filter { records[$0].state == .idle }
        let group = new.endpoint.address.group
        if let most = idle.max(by: { (self.share($0), rank($0)) < (self.share($1), rank($1)) }),
            self.share(most) >= share + 2
        {
            return most
        }
        let others = idle.filter { records[$0].endpoint.address.group == group || self.share($0) > share }
        guard let worst = others.max(by: { rank($0) < rank($1) }) else {
            return new.state == .idle ? nil : idle.max { rank($0) < rank($1) }
        }
        return new.state != .idle || new.rank(forSeed: isSeed) < rank(worst) ? worst : nil
    }

    private func share(_ index: Int) -> Int { countByAddress[records[index].endpoint.address.group, default: 0] }

    private func rank(_ index: Int) -> UInt64 { records[index].rank(forSeed: isSeed) }

    /// Returns the BEP 40 priority; nil while our own address is unknown.
    func canonicalPriority(of endpoint: PeerEndpoint) -> UInt32? {
        ownEndpoint.map { CanonicalPriority.priority($0, endpoint) }
    }

    /// Returns the BEP 40 priority, or a random one, so that not all peers dial the same one first.
    mutating func priority(of endpoint: PeerEndpoint) -> UInt32 {
        canonicalPriority(of: endpoint) ?? .random(in: 0...(.max), using: &random)
    }

    mutating func takeTicket() -> UInt32 {
        lastTicket &+= 1
        return lastTicket
    }

    private func isDialable(_ endpoint: PeerEndpoint) -> Bool {
        endpoint.port != 0 && !endpoint.address.isUnspecified && !endpoint.address.isMulticast
            && !endpoint.address.isReserved && !selves.contains(endpoint)
    }
}
