// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheCrypto
public import RucheWire

/// Lets peers in by the session's transports, and learns which swarm each wants.
///
/// Owner: the session, which closes it before the transports. Strangers are bounded in number, bytes and time by
/// `TransportLimits` until they are adopted.
public final class PeerListener: Sendable {
    /// Who is let in.
    public struct Options: Sendable {
        /// Which secure channels are welcome.
        public var policy: ChannelPolicy
        /// The info-hash of ours whose `MSEHandshake.lookupKey(for:)` is given. Called on any loop; must not block.
        /// See `TorrentLookupTable`.
        public var findTorrent: @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?

        /// With no torrents for encrypted strangers to find, unless `findTorrent` is given.
        public init(
            policy: ChannelPolicy = EncryptionPolicy.prefer.channels,
            findTorrent: @escaping @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest? = { _ in nil }
        ) {
            self.policy = policy
            self.findTorrent = findTorrent
        }
    }

    private let door: ListenerDoor

    /// Nobody is let in before `listen`. `onPeer` is called on some loop for each stranger that has named a swarm, known or not;
    /// `onRefusal`, on any thread, for each that is closed before.
    public init(
        _ options: Options,
        runtime: TransportRuntime,
        onPeer: @escaping @Sendable (IncomingPeer) -> Void,
        onRefusal: @escaping @Sendable (RefusedStranger) -> Void = { _ in }
    ) {
        door = ListenerDoor(options: options, runtime: runtime, onPeer: onPeer, onRefusal: onRefusal)
    }

    /// Has strangers come by `transport` too. Returns where it listens: an endpoint for each family.
    ///
    /// - Throws: `TransportError`: `.localBinding` or `.portInUse` where an address, port or interface that was asked for
    ///   cannot be bound.
    public func listen(by transport: any PeerTransport) async throws(TransportError) -> [PeerEndpoint] {
        try await transport.listen(door)
    }

    /// Strangers that have been neither adopted nor rejected.
    public var pendingCount: Int { door.waitingCount }

    /// Strangers that were closed at once because a limit was reached.
    public var turnedAwayCount: Int { door.turnedAwayCount }

    /// Lets nobody in any more and drops all who wait; adopted connections live on.
    public func close() { door.close() }

    deinit { door.close() }
}
