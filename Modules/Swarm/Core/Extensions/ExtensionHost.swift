// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
package import RucheWire

/// One extension of one torrent, whatever its type: one dynamic call for each message. Owner: `ExtensionTable`.
protocol ExtensionHost: AnyObject {
    var name: ExtensionName { get }
    var servesPrivateTorrents: Bool { get }
    var keepsSeeds: Bool { get }
    /// When it asks to be woken.
    var wakeAt: Instant? { get }
    /// What it asked for since the last time.
    func takeOutputs() -> [ExtensionOutput]

    func setSwarm(_ swarm: SwarmFacts)
    func handleRemoteID(_ id: UInt8, of slot: PeerSlot, _ peer: ConnectedPeer, at now: Instant)
    func handleMessage(_ payload: ByteBuffer, from slot: PeerSlot, _ peer: ConnectedPeer, at now: Instant)
        -> Misbehaviour?
    func handleLeft(_ slot: PeerSlot, at now: Instant)
    func handleNamed(_ found: [FoundPeer], by slot: PeerSlot, at now: Instant)
    func handleUnreachable(_ endpoint: PeerEndpoint, at now: Instant)
    func handleTimer(among neighbours: [PeerFacts], at now: Instant)
    func handleCommand(_ command: any Sendable, at now: Instant)

    /// The next message that may be sent to the peer, with the id under which it receives it.
    func nextMessage(for slot: PeerSlot, at now: Instant) -> PeerMessage?
    /// What waited for the peer has been sent.
    func handleRoom(_ slot: PeerSlot, at now: Instant)
    /// Whether messages wait for the peer, or the extension waits for room.
    func isBusy(_ slot: PeerSlot) -> Bool
}

/// What an extension asks of the engine.
enum ExtensionOutput {
    /// Something waits to be sent to the peer.
    case send(PeerSlot)
    case found([FoundPeer], by: PeerSlot)
    case dial(PeerEndpoint, over: TransportKind, namedBy: PeerSlot)
    case misbehaved(PeerSlot, Misbehaviour)
    case report(any Sendable)
    /// Store a piece that the content has created.
    case store(PieceIndex, [UInt8])
}

/// A type of extension, as a value that can be passed on.
package struct ExtensionKind: Sendable {
    package let name: ExtensionName
    let makeHost: @Sendable (SwarmFacts, SeededRandom, WorkMeter, Instant) -> any ExtensionHost

    package init<Extension: PeerExtension>(_ type: Extension.Type) {
        name = type.name
        makeHost = { facts, random, work, now in
            HostedConversation<Extension>(facts, random, work, at: now) { Extension(in: &$0) }
        }
    }
}
