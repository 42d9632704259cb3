// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Finds peers for swarms, such as a tracker, the DHT, the local network, or an app's own list.
///
/// Give a source to a session (`SessionConfiguration.sources`), so that every torrent joins it, or to one torrent
/// (`AddOptions.sources`). A torrent joins when it starts to run and leaves when it stops. `AsyncPeerSource` makes a
/// source of a function that returns an `AsyncStream`.
public protocol PeerSource: Sendable {
    /// What the session must know about the source before a torrent joins.
    var traits: SourceTraits { get }

    /// Adds a torrent and returns at once. `found` may be called from any thread; after the membership has been left,
    /// it does nothing. Endpoints that the torrent already knows cost nothing.
    ///
    /// Called from any thread while the torrent is locked: it must not wait for the session or the torrent.
    func join(_ swarm: SourceContext, found: @escaping @Sendable ([PeerEndpoint]) -> Void) -> any SourceMembership
}

/// One torrent's membership in a source. Its methods return at once and may be called from any thread.
public protocol SourceMembership: AnyObject, Sendable {
    /// Informs the source of a change that may matter to it.
    func note(_ change: SwarmChange)

    /// Ends the membership, once and for good. `then` is called when the source has said its goodbyes; the session
    /// waits for that a few seconds at most.
    func leave(then: @escaping @Sendable () -> Void)
}

/// What a source is told about a torrent that has joined.
public enum SwarmChange: Hashable, Sendable {
    /// Too few peers are connected, and none is left to dial. Repeated about twice a second while that lasts; a source
    /// keeps its own pace.
    case needsPeers
    /// The torrent has every piece.
    case completed
    /// The torrent releases its resources. Only for sources that outlive dormancy; what they find meanwhile is dropped.
    case dormant
    /// The torrent has woken.
    case woke
}

/// What a session must know about a source.
public struct SourceTraits: Hashable, Sendable {
    /// The kind of source.
    public var origin: SourceOrigin
    /// Whether private torrents may join. Their peers come from their trackers alone (BEP 27), so this is only for a
    /// source that represents a tracker. The torrent of a magnet link joins before its metadata is known, and leaves if
    /// it is private.
    public var servesPrivateTorrents: Bool
    /// Whether dormant seeds remain members. Costs memory for each of them; only for a session's sources.
    public var outlivesDormancy: Bool

    /// By default, the source is an app's own and serves torrents that are awake and public.
    public init(
        origin: SourceOrigin = .application,
        servesPrivateTorrents: Bool = false,
        outlivesDormancy: Bool = false
    ) {
        self.origin = origin
        self.servesPrivateTorrents = servesPrivateTorrents
        self.outlivesDormancy = outlivesDormancy
    }
}

/// The kind of source that found an endpoint. It decides how far the endpoint is trusted, and when it is dialled.
public struct SourceOrigin: Hashable, Sendable {
    let origins: PeerOrigins

    /// An app's own source.
    public static let application = SourceOrigin(origins: .application)
    /// A tracker.
    public static let tracker = SourceOrigin(origins: .tracker)
    /// The distributed hash table (BEP 5). Strangers fill it, so several endpoints of one address are dialled slowly.
    public static let distributedHashTable = SourceOrigin(origins: .distributedHashTable)
    /// Local service discovery (BEP 14).
    public static let localNetwork = SourceOrigin(origins: .localNetwork)
}
