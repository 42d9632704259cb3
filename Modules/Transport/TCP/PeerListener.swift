// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheCrypto
public import RucheWire

/// Accepts TCP connections from peers, over IPv4 and IPv6, and learns which swarm each wants.
///
/// Owner: the session, which closes it before the runtime. Strangers are bounded in number, bytes and time by
/// `TransportLimits` until they are adopted.
public final class PeerListener: Sendable {
    /// Where and how to listen.
    public struct Options: Sendable {
        /// Addresses or interface to listen on.
        public var binding: LocalBinding
        /// 0 takes any port, the same for both families where that is possible.
        public var port: UInt16
        /// Which handshakes are welcome.
        public var encryption: EncryptionPolicy
        /// The info-hash of ours whose `MSEHandshake.lookupKey(for:)` is given. Called on any loop; must not block.
        /// See `TorrentLookupTable`.
        public var findTorrent: @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?

        /// By default on every address and any port, with no torrents for encrypted strangers to find.
        public init(
            binding: LocalBinding = .init(),
            port: UInt16 = 0,
            encryption: EncryptionPolicy = .prefer,
            findTorrent: @escaping @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest? = { _ in nil }
        ) {
            self.binding = binding
            self.port = port
            self.encryption = encryption
            self.findTorrent = findTorrent
        }
    }

    /// Where it really listens: one endpoint for each family.
    public let endpoints: [PeerEndpoint]

    private let door: ListenerDoor
    private let accepting: AcceptLoop

    /// Listens. `onPeer` is called on some loop for each stranger that has named a swarm, known or not; `onRefusal`, on any
    /// thread, for each that is closed before.
    ///
    /// - Throws: `.localBinding` where an address, port or interface that was asked for cannot be bound.
    public init(
        _ options: Options,
        runtime: TransportRuntime,
        onPeer: @escaping @Sendable (IncomingPeer) -> Void,
        onRefusal: @escaping @Sendable (RefusedStranger) -> Void = { _ in }
    ) throws(TransportError) {
        let sockets = try ListeningSocket.open(options, backlog: runtime.limits.listenBacklog)
        let door = ListenerDoor(options: options, runtime: runtime, onPeer: onPeer, onRefusal: onRefusal)
        endpoints = sockets.map(\.endpoint)
        accepting = try AcceptLoop(sockets, batch: runtime.limits.acceptBatch) { descriptor, remote in
            door.letIn(descriptor, from: remote)
        }
        self.door = door
    }

    /// The port to announce: that of the first endpoint.
    public var port: UInt16 { endpoints.first?.port ?? 0 }

    /// Strangers that have been neither adopted nor rejected.
    public var pendingCount: Int { door.waitingCount }

    /// Strangers that were closed at once because a limit was reached.
    public var turnedAwayCount: Int { door.turnedAwayCount }

    /// Stops listening and drops all who wait; adopted connections live on. The ports are free when it returns.
    public func close() async {
        door.close()
        await accepting.stop()
    }

    deinit { accepting.abandon() }
}
