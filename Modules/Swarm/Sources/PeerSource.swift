// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Finds peers for swarms: a tracker, a table of nodes, a local network, a list of an app's own.
///
/// A source is given to a session (`SessionConfiguration.sources`), which lets every torrent join it, or to one torrent
/// (`AddOptions.sources`). A torrent joins when it starts to run and leaves when it stops. `AsyncPeerSource` makes a source of
/// a function that returns an `AsyncStream`.
public protocol PeerSource: Sendable {
    /// What the session must know of the source before it lets a torrent join.
    var traits: SourceTraits { get }

    /// A torrent joins. Returns at once; `found` may be called from any thread until the membership has been left, and does
    /// nothing afterwards. Endpoints that the torrent knows already cost nothing.
    ///
    /// Called from any thread, with the torrent locked: it must not wait for the session or for the torrent.
    func join(_ swarm: SourceContext, found: @escaping @Sendable ([PeerEndpoint]) -> Void) -> any SourceMembership
}

/// One torrent's part in a source. Its methods return at once and may be called from any thread.
public protocol SourceMembership: AnyObject, Sendable {
    /// Something has changed that the source may go by.
    func note(_ change: SwarmChange)

    /// The torrent leaves, once and for good. `then` is called when the source has said its goodbyes; the session waits for
    /// that for a few seconds at most.
    func leave(then: @escaping @Sendable () -> Void)
}

/// What a source is told of a torrent that has joined it.
public enum SwarmChange: Hashable, Sendable {
    /// Too few peers are connected and none is left to dial. Repeated while that is so, about twice a second: a source keeps
    /// to its own pace.
    case needsPeers
    /// Every piece is here.
    case completed
    /// The torrent gives back all that it can. Only for sources that outlive dormancy; what they find is dropped meanwhile.
    case dormant
    /// The torrent has woken.
    case woke
}

/// What a session must know of a source.
public struct SourceTraits: Hashable, Sendable {
    /// Which kind of source it is.
    public var origin: SourceOrigin
    /// Whether private torrents join. Their peers come from their trackers alone (BEP 27), so this is for a source that stands
    /// for one. A magnet's torrent joins before anybody knows that it is private, and leaves when that turns out.
    public var servesPrivateTorrents: Bool
    /// Whether seeds stay members while they are dormant. Costs memory for each of them; for a session's sources only.
    public var outlivesDormancy: Bool

    /// An app's own source, for torrents that are awake and not private, unless said otherwise.
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

/// Which kind of source found an endpoint: how far it is believed, and in which order it is dialled.
public struct SourceOrigin: Hashable, Sendable {
    let origins: PeerOrigins

    /// An app's own source.
    public static let application = SourceOrigin(origins: .application)
    /// A tracker.
    public static let tracker = SourceOrigin(origins: .tracker)
    /// The distributed hash table (BEP 5). Strangers fill it in, so endpoints of one address are dialled slowly.
    public static let distributedHashTable = SourceOrigin(origins: .distributedHashTable)
    /// Local service discovery (BEP 14).
    public static let localNetwork = SourceOrigin(origins: .localNetwork)
}
