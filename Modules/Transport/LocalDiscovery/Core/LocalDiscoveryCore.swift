// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import NIOCore
package import RucheCrypto
package import RucheWire

/// Says which torrents are here, and hears who else has them (BEP 14).
///
/// Every torrent is announced on arrival and at intervals, several in one datagram, one datagram at a time. A crowd of
/// torrents takes longer, not more of the network.
///
/// Owner: `LocalDiscovery`.
package struct LocalDiscoveryCore: Sendable {
    package enum Effect: Hashable, Sendable {
        /// To the groups, over every interface.
        case announce(LocalAnnouncement)
        /// A peer of a torrent of ours.
        case found(SHA1Digest, PeerEndpoint)
    }

    private struct Torrent {
        var announced: Instant?
        /// The number of its valid place in a queue.
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
    /// Torrents that wait for their first announcement or one asked for, in order of time.
    private var urgent: Deque<Place> = []
    /// All others, in order of time.
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

    /// - Parameter port: where we accept peers.
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

    /// The networks of this machine's interfaces. Who is on none of them is not heard.
    package mutating func handleNetworks(_ networks: [LocalNetwork]) { self.networks = networks }

    /// A torrent has come. Not for private ones (BEP 27).
    package mutating func handleTorrent(_ infoHash: SHA1Digest, at now: Instant) {
        guard torrents[infoHash] == nil else { return }
        torrents[infoHash] = Torrent(announced: nil, ticket: 0)
        queue(infoHash, at: now, isUrgent: true)
    }

    /// A torrent has gone.
    package mutating func handleRemoval(of infoHash: SHA1Digest) { torrents[infoHash] = nil }

    /// A torrent runs short of peers: it is announced as soon as BEP 14 allows.
    package mutating func handleNeed(of infoHash: SHA1Digest, at now: Instant) {
        guard let announced = torrents[infoHash]?.announced, announced + limits.shortestInterval <= now else { return }
        torrents[infoHash]?.announced = nil
        queue(infoHash, at: now, isUrgent: true)
    }

    /// Time has passed: announces the torrents that are due, as many as fit into one datagram.
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

    /// A datagram to one of the groups.
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

    /// The next torrent whose time has come. Places of torrents that are gone, or have another place, are passed over.
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

/// So many things in a stretch of time.
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
