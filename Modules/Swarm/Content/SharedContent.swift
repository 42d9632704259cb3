// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheWire

/// A content in a session: its reports, and ways to command and read it. Created by
/// `Session.add(content:store:options:)`.
///
/// It may be stored and called anywhere. The content is shared until `leave` is called or the session is shut down.
public final class SharedContent<Body: Content>: Sendable {
    /// The info-hashes by which peers find each other.
    public var hashes: InfoHashes { swarm.hashes }

    let swarm: ContentSwarm
    private let feed: EventFeed<Body.Report>

    init(_ swarm: ContentSwarm, feed: EventFeed<Body.Report>) {
        self.swarm = swarm
        self.feed = feed
    }

    /// The content's reports from now on; ends with the swarm. Each reader has its own stream. A reader that is
    /// `ExtensionLimits.reportCount` reports behind misses the oldest.
    public var reports: AsyncStream<Body.Report> { feed.subscribe() }

    /// Sends a command to the content. Returns once the content has handled it, which is before anything is stored or
    /// any peer has answered.
    ///
    /// - Throws: `TorrentError` if the swarm has ended.
    public func send(_ command: Body.Command) async throws(TorrentError) {
        try await swarm.perform { driver in _ = driver.handleCommand(command, to: Body.name) }
    }

    /// Returns a piece once it is verified and stored. While a caller waits for it, it is downloaded before others.
    ///
    /// - Throws: `TorrentError` if the content does not reach so far, or the piece is no longer shared; `StorageError`
    ///   if the piece cannot be read; `CancellationError`.
    public func read(_ piece: PieceIndex) async throws -> [UInt8] { try await swarm.read(piece) }

    /// Returns the swarm's status.
    ///
    /// - Throws: `TorrentError` if the swarm has ended.
    public func status() async throws(TorrentError) -> ContentStatus {
        try await swarm.perform { $0.makeContentStatus() }
    }

    /// Adds endpoints to the swarm, which dials them.
    public func connect(to peers: [PeerEndpoint]) {
        swarm.driver.loop.execute { [driver = swarm.driver] in driver.handleFound(peers, from: .manual) }
    }

    /// Leaves the swarm: closes the connections and the store. Returns when everything to be stored is on disk.
    public func leave() async { await swarm.leave() }
}

/// The status of a content's swarm.
public struct ContentStatus: Sendable {
    /// How much there is to share; nil while the store is being opened.
    public let shape: ContentShape?
    /// The pieces that are verified and stored; nil while the store is being opened.
    public let pieces: Bitfield?
    /// The number of connected peers.
    public let peers: [PeerStatus]
    /// Bytes of pieces received and sent.
    public let downloadedBytes: Int, uploadedBytes: Int
    /// Whether everything that is shared now is stored.
    public let isCaughtUp: Bool
}

/// The settings of one content, in addition to the session's.
public struct ContentOptions: Sendable {
    /// Peers to connect to at once.
    public var peers: [PeerEndpoint] = []
    /// Sources of peers in addition to the session's.
    public var sources: [any PeerSource] = []
    /// Announce URLs of trackers, all in one tier.
    public var trackers: [String] = []
    /// The path of a file in which the engine records which pieces are stored, for a store that outlives the process:
    /// pieces recorded there are not verified again when the content is added the next time. Nil for none.
    public var resumePath: String?
    /// The order in which pieces are fetched.
    public var order = FetchOrder.rarestFirst
    /// The peers that may download from us; nil for the session's policies.
    public var unchoking: UnchokePolicies?

    /// Creates options: no peers, sources or trackers besides those of the session, and no record of pieces.
    public init() {}
}
