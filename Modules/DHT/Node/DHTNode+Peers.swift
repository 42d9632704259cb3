// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
internal import RucheTransport
public import RucheWire

extension DHTNode {
    /// Returns the peers of a swarm as they are found, each once (BEP 5, BEP 32). Ends when the nearest nodes have
    /// answered. Cancelling the sequence ends the search.
    ///
    /// Anyone can announce anything, so endpoints are only hints. The info-hash of a v2 torrent is the first 20 bytes
    /// of its SHA-256 digest (BEP 52).
    ///
    /// The sequence throws `DHTError` with the code `.noNodes` if no node answered, `.limit` or `.stopped`.
    ///
    /// - Parameter announcing: if given, this node is announced to the nearest nodes once they are found.
    public func findPeers(
        of infoHash: SHA1Digest,
        announcing: DHTAnnouncement? = nil
    ) -> AsyncThrowingStream<[PeerEndpoint], any Error> {
        let target = NodeID(infoHash)
        let announcement = announcing.map { PeerAnnouncement(infoHash: target, port: $0.port, isSeed: $0.isSeed) }
        return stream(.peers(of: target, scrapes: false, announcing: announcement)) { effect in
            if case .peers(_, let peers) = effect { peers } else { nil }
        }
    }

    /// Announces this node as a peer of a swarm to the nearest nodes, which keep it for half an hour.
    ///
    /// - Returns: The number of nodes that keep it.
    /// - Throws: `DHTError` with the code `.noNodes`, `.notStored`, `.limit` or `.stopped`.
    @discardableResult
    public func announce(_ infoHash: SHA1Digest, _ announcement: DHTAnnouncement) async throws(DHTError) -> Int {
        let target = NodeID(infoHash)
        let peer = PeerAnnouncement(infoHash: target, port: announcement.port, isSeed: announcement.isSeed)
        let result = try await search(.peers(of: target, scrapes: false, announcing: peer))
        guard result.storedCount > 0 else { throw DHTError(.notStored, "\(result.answeredCount) nodes answered") }
        return result.storedCount
    }

    /// Estimates the numbers of seeds and other peers in a swarm (BEP 33). Nodes that do not support the method do not
    /// count.
    ///
    /// - Throws: `DHTError` with the code `.noNodes`, `.limit` or `.stopped`.
    public func scrape(_ infoHash: SHA1Digest) async throws(DHTError) -> DHTScrape {
        let result = try await search(.peers(of: NodeID(infoHash), scrapes: true, announcing: nil))
        return DHTScrape(
            estimatedSeedCount: result.seedFilter.estimatedCount,
            estimatedLeecherCount: result.peerFilter.estimatedCount
        )
    }

    /// Returns info-hashes of which nodes near a point know peers (BEP 51).
    ///
    /// - Throws: `DHTError` with the code `.noNodes`, `.limit` or `.stopped`.
    public func sample(near target: NodeID) async throws(DHTError) -> DHTSample {
        let result = try await search(.samples(near: target))
        return DHTSample(
            infoHashes: result.samples.compactMap { SHA1Digest($0.bytes) },
            storedCount: result.sampledCount
        )
    }
}

/// How to announce a peer.
public struct DHTAnnouncement: Hashable, Sendable {
    /// The port on which the peer accepts connections; nil for the source port of the node's datagrams, as NATs map it
    /// (BEP 5, `implied_port`).
    public var port: UInt16?
    /// Whether the peer is a seed (BEP 33).
    public var isSeed: Bool

    /// Creates an announcement of a peer at `port`.
    public init(port: UInt16?, isSeed: Bool = false) {
        self.port = port == 0 ? nil : port
        self.isSeed = isSeed
    }
}

/// A swarm's size (BEP 33), estimated from what the nodes near its info-hash have stored.
public struct DHTScrape: Hashable, Sendable {
    /// The number of seeds. Beyond some 6,000 the estimate no longer means much.
    public let estimatedSeedCount: Double
    /// The number of peers that are not seeds.
    public let estimatedLeecherCount: Double
}

/// What nodes near a point know about swarms (BEP 51).
public struct DHTSample: Hashable, Sendable {
    /// Distinct info-hashes.
    public let infoHashes: [SHA1Digest]
    /// The total number of info-hashes that the nodes have; one that several have counts several times.
    public let storedCount: Int
}
