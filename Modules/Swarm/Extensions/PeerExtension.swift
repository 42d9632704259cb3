// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Messages of one kind between peers, beside those of BitTorrent itself: an extension in the sense of BEP 10.
///
/// An extension is a value that is told what happened and answers what to do; it has no sockets, tasks or clock of its
/// own. The engine makes one for each torrent when that wakes, calls it on the torrent's event loop, and drops it when the
/// torrent falls dormant or leaves its session. It names the extension in extended handshakes, gives it the messages of
/// those peers that use it, and bounds what they may send and what waits for them: see `ExtensionLimits`.
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
/// `Session.extend(with:)` adds it to all torrents of a session; `checkExtension` in RucheTesting checks that it keeps to
/// the rules above. What peers send is data: it may be wrong, and must never be fatal.
public protocol PeerExtension: SendableMetatype {
    /// What is kept for each peer, until its connection ends. `Void` if nothing is.
    associatedtype PeerState = Void
    /// What an app tells the extension. `Never` if nothing.
    associatedtype Command: Sendable = Never
    /// What an app learns from the extension. `Never` if nothing.
    associatedtype Report: Sendable = Never

    /// The name in extended handshakes. Those who choose another format choose another name, or number their format in
    /// each message.
    static var name: ExtensionName { get }
    /// How much peers may send, and how much waits for them.
    static var limits: ExtensionLimits { get }
    /// Whether it is offered in private torrents too, whose peers come from their trackers alone (BEP 27). True unless
    /// said otherwise. The engine never takes endpoints from an extension there.
    static var servesPrivateTorrents: Bool { get }
    /// Whether two peers that both have everything, and have nothing else to tell each other, stay connected for its sake.
    /// True unless said otherwise.
    static var keepsSeeds: Bool { get }

    /// Creates the extension for the torrent that `batch` describes.
    init(in batch: inout ExtensionBatch<Self>)

    /// Returns what is kept for a peer at first.
    mutating func makeState(for peer: PeerFacts) -> PeerState

    /// Handles what a peer did. It runs on the event loop, so its work must be in proportion to the message.
    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>)

    /// Handles what the app told it.
    mutating func handle(_ command: Command, in batch: inout ExtensionBatch<Self>)

    /// Handles that the time has come for which it asked by `ExtensionBatch.wake(at:)`; up to half a second late.
    mutating func handleTimer(in batch: inout ExtensionBatch<Self>)
}

extension PeerExtension {
    /// `ExtensionLimits()`.
    public static var limits: ExtensionLimits { ExtensionLimits() }
    /// True.
    public static var servesPrivateTorrents: Bool { true }
    /// True.
    public static var keepsSeeds: Bool { true }

    /// Does nothing.
    public mutating func handleTimer(in batch: inout ExtensionBatch<Self>) {}
}

extension PeerExtension where PeerState == Void {
    /// Keeps nothing.
    public mutating func makeState(for peer: PeerFacts) {}
}

extension PeerExtension where Command == Never {
    /// Is never called.
    public mutating func handle(_ command: Never, in batch: inout ExtensionBatch<Self>) {}
}

/// What a peer that uses an extension did.
public enum PeerEvent: Hashable, Sendable {
    /// It named the extension in its handshake, or sent a message of it: the first event of a connection.
    case joined
    /// It sent a message.
    case message([UInt8])
    /// Messages can be sent to it: it had not named the extension before, or `ExtensionBatch.send` had refused one.
    case hasRoom
    /// Its connection has ended: the last event. Its state is dropped after this.
    case left
}
