// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import NIOCore
package import RucheCrypto
package import RucheWire

/// Announces which torrents are here, and learns which peers have them too (BEP 14).
///
/// Every torrent is announced when it is added and periodically, several in one datagram, one datagram at a time. More
/// torrents take more time, not more bandwidth.
///
/// Owner: `LocalDiscovery`.
package struct LocalDiscoveryCore: Sendable {
    package enum Effect: Hashable, Sendable {
        /// Send to the groups, over every interface.
        case announce(LocalAnnouncement)
        /// Report a peer of one of our torrents.
        case found(SHA1Digest, PeerEndpoint)
    }

    private struct Torrent {
        var announced: Instant?
        /// Identifies the torrent's current entry in a queue.
        var ticket: Int
    }

    private struct Place {
        let infoHash: SHA1Digest
        let ticket: Int
        let due: Instant
    }

    private let port: UInt16
    private let cookie: String
    private let limits: LocalDiscoveryLimits
    private var torrents: [SHA1Digest: Torrent] = [:]
    /// Torrents that wait for their first announcement or a requested one, ordered by time.
    private var urgent: Deque<Place> = []
    /// All others, ordered by time.
    private var regular: Deque<Place> = []
    private var tickets = 0
    private var nextDatagram = Instant(nanoseconds: .min)
    private var networks: [LocalNetwork] = []
    private var second = Budget(length: .seconds(Int64(1)))
    private var minute = Budget(length: .minutes(Int64(1)))
    private var heard: Set<Heard> = []

    private struct Heard: Hashable {
        let infoHash: SHA1Digest
        let endpoint: PeerEndpoint
    }

    /// - Parameter port: the port on which we accept peers.
    package init(port: UInt16, limits: LocalDiscoveryLimits, using random: inout some RandomNumberGenerator) {
        self.port = port
        self.limits = limits
        let number = random.next()
        cookie = "ruche-" + String(number, radix: 16)
    }

    /// When `handleTime` must be called next; nil for never.
    package var nextDeadline: Instant? {
        guard let due = [urgent.first?.due, regular.first?.due].compactMap({ $0 }).min() else { return nil }
        return max(due, nextDatagram)
    }

    /// Sets the networks of this machine's interfaces. Senders outside them are ignored.
    package mutating func handleNetworks(_ networks: [LocalNetwork]) { self.networks = networks }

    /// Adds a torrent. Not for private ones (BEP 27).
    package mutating func handleTorrent(_ infoHash: SHA1Digest, at now: Instant) {
        guard torrents[infoHash] == nil else { return }
        torrents[infoHash] = Torrent(announced: nil, ticket: 0)
        queue(infoHash, at: now, isUrgent: true)
    }

    /// Removes a torrent.
    package mutating func handleRemoval(of infoHash: SHA1Digest) { torrents[infoHash] = nil }

    /// Announces a torrent that needs peers as soon as BEP 14 allows.
    package mutating func handleNeed(of infoHash: SHA1Digest, at now: Instant) {
        guard let announced = torrents[infoHash]?.announced, announced + limits.shortestInterval <= now else { return }
        torrents[infoHash]?.announced = nil
        queue(infoHash, at: now, isUrgent: true)
    }

    /// Announces the torrents that are due at `now`, as many as fit into one datagram.
    package mutating func handleTime(_ now: Instant, into effects: inout [Effect]) {
        guard nextDatagram <= now else { return }
        var infoHashes: [SHA1Digest] = []
        while infoHashes.count < limits.infoHashes, let infoHash = takeDue(at: now) { infoHashes.append(infoHash) }
        guard !infoHashes.isEmpty else { return }
        nextDatagram = now + limits.pause
        for infoHash in infoHashes {
            torrents[infoHash]?.announced = now
            queue(infoHash, at: now + limits.interval, isUrgent: false)
        }
        effects.append(.announce(LocalAnnouncement(port: port, infoHashes: infoHashes, cookie: cookie)))
    }

    /// Handles a datagram to one of the groups.
    package mutating func handleDatagram(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard second.takes(at: now, limit: limits.datagramsPerSecond),
            networks.contains(where: { $0.contains(sender.address) }),
            let announcement = LocalAnnouncement(parsing: datagram, limits: limits), announcement.cookie != cookie
        else { return }
        if minute.hasEnded(at: now) { heard = [] }
        let endpoint = PeerEndpoint(address: sender.address, port: announcement.port)
        for infoHash in announcement.infoHashes where torrents[infoHash] != nil {
            let isNew = !heard.contains(Heard(infoHash: infoHash, endpoint: endpoint))
            guard isNew, minute.takes(at: now, limit: limits.peersPerMinute) else { continue }
            heard.insert(Heard(infoHash: infoHash, endpoint: endpoint))
            effects.append(.found(infoHash, endpoint))
        }
    }

    private mutating func queue(_ infoHash: SHA1Digest, at due: Instant, isUrgent: Bool) {
        tickets += 1
        torrents[infoHash]?.ticket = tickets
        let place = Place(infoHash: infoHash, ticket: tickets, due: due)
        if isUrgent { urgent.append(place) } else { regular.append(place) }
    }

    /// Removes and returns the next torrent that is due. Entries of removed or requeued torrents are skipped.
    private mutating func takeDue(at now: Instant) -> SHA1Digest? {
        while let place = urgent.first, place.due <= now {
            urgent.removeFirst()
            if torrents[place.infoHash]?.ticket == place.ticket { return place.infoHash }
        }
        while let place = regular.first, place.due <= now {
            regular.removeFirst()
            if torrents[place.infoHash]?.ticket == place.ticket { return place.infoHash }
        }
        return nil
    }
}

/// A limited number of things per period.
private struct Budget: Sendable {
    let length: Interval
    private var end = Instant(nanoseconds: .min)
    private var count = 0

    init(length: Interval) { self.length = length }

    func hasEnded(at now: Instant) -> Bool { end <= now }

    mutating func takes(at now: Instant, limit: Int) -> Bool {
        if hasEnded(at: now) {
            end = now + length
            count = 0
        }
        count += 1
        return count <= limit
    }
}
