// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Messages of one kind between peers, in addition to those of BitTorrent itself: an extension as in BEP 10.
///
/// An extension is a value that is told what happened and answers with actions; it has no sockets, tasks or clock. The
/// engine creates one for each torrent that wakes, calls it on the torrent's event loop, and drops it when the torrent
/// becomes dormant or leaves its session. The engine announces the extension in extended handshakes, passes it the
/// messages of peers that use it, and limits what they may send and what may be queued for them: see `ExtensionLimits`.
///
///     struct Greeting: PeerExtension {
///         static let name: ExtensionName = "xy_greeting"
///
///         init(in batch: inout ExtensionBatch<Self>) {}
///
///         mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
///             switch event {
///             case .joined: batch.send(Array("hello".utf8), to: peer)
///             case .message(let bytes): batch.report(String(decoding: bytes, as: UTF8.self))
///             default: break
///             }
///         }
///
///         typealias Report = String
///     }
///
/// `Session.extend(with:)` adds it to all torrents of a session. `checkExtension` in RucheTesting checks that it
/// follows the rules above. What peers send is data: it can be wrong, but must never be fatal.
public protocol PeerExtension: PeerConversation {
    /// Creates the extension for the torrent that `batch` describes.
    init(in batch: inout ExtensionBatch<Self>)
}

/// Messages of one kind between peers: those of a `PeerExtension`, which serves many torrents, or of a `Content`, which is
/// one swarm's.
public protocol PeerConversation: SendableMetatype {
    /// The state that is kept for each peer until its connection ends. `Void` for none.
    associatedtype PeerState = Void
    /// What the app sends to the extension. `Never` for nothing.
    associatedtype Command: Sendable = Never
    /// What the extension reports to the app. `Never` for nothing.
    associatedtype Report: Sendable = Never

    /// The name in extended handshakes. For another message format, choose another name, or put a version into each
    /// message.
    static var name: ExtensionName { get }
    /// How much peers may send, and how much may be queued for them.
    static var limits: ExtensionLimits { get }
    /// Whether it is also offered in private torrents, whose peers come from their trackers alone (BEP 27). True by
    /// default. The engine never takes endpoints from an extension there.
    static var servesPrivateTorrents: Bool { get }
    /// Whether two peers that both have everything, and have nothing else to send each other, stay connected for the
    /// extension. True by default.
    static var keepsSeeds: Bool { get }

    /// Returns the initial state of a peer.
    mutating func makeState(for peer: PeerFacts) -> PeerState

    /// Handles a peer's event. It runs on the event loop, so its work must be proportional to the message.
    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>)

    /// Handles a command from the app.
    mutating func handle(_ command: Command, in batch: inout ExtensionBatch<Self>)

    /// Handles endpoints that a peer has passed to the engine, through any extension, and that may be dialled.
    mutating func handleNamed(_ found: [FoundPeer], by peer: PeerHandle, in batch: inout ExtensionBatch<Self>)

    /// Handles a dial that has failed over every transport.
    mutating func handleUnreachable(_ endpoint: PeerEndpoint, in batch: inout ExtensionBatch<Self>)

    /// Handles the time requested with `ExtensionBatch.wake(at:)`; up to half a second late.
    mutating func handleTimer(in batch: inout ExtensionBatch<Self>)
}

extension PeerConversation {
    /// `ExtensionLimits()`.
    public static var limits: ExtensionLimits { ExtensionLimits() }
    /// True.
    public static var servesPrivateTorrents: Bool { true }
    /// True.
    public static var keepsSeeds: Bool { true }

    /// Does nothing.
    public mutating func handleNamed(_ found: [FoundPeer], by peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {}

    /// Does nothing.
    public mutating func handleUnreachable(_ endpoint: PeerEndpoint, in batch: inout ExtensionBatch<Self>) {}

    /// Does nothing.
    public mutating func handleTimer(in batch: inout ExtensionBatch<Self>) {}
}

extension PeerConversation where PeerState == Void {
    /// Keeps no state.
    public mutating func makeState(for peer: PeerFacts) {}
}

extension PeerConversation where Command == Never {
    /// Never called.
    public mutating func handle(_ command: Never, in batch: inout ExtensionBatch<Self>) {}
}

/// An event of a peer that uses an extension.
public enum PeerEvent: Hashable, Sendable {
    /// The peer named the extension in its handshake, or sent a message of it. This is the first event of a connection.
    case joined
    /// The peer sent a message.
    case message([UInt8])
    /// Messages can be sent to the peer again, or for the first time because it has now named the extension.
    case hasRoom
    /// The connection has ended. This is the last event; the state is dropped after it.
    case left
}
