// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheCrypto
package import RucheWire

/// Accepts peers over the session's transports, and identifies the swarm that each wants.
///
/// Owner: the session, which closes it before the transports. Until adoption, `TransportLimits` bounds strangers in
/// number, bytes and time.
package final class PeerListener: Sendable {
    /// Which peers to accept.
    package struct Options: Sendable {
        /// The secure channels to accept.
        package var policy: ChannelPolicy
        /// Addresses whose connections are closed unread, and reported to nobody.
        package var blocked: BlockedAddresses
        /// Returns our info-hash that has the given `MSEHandshake.lookupKey(for:)`. Called on any loop; must not block.
        /// See `TorrentLookupTable`.
        package var findTorrent: @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?

        /// By default encrypted strangers find no torrents.
        package init(
            policy: ChannelPolicy = EncryptionPolicy.prefer.channels,
            blocked: BlockedAddresses = BlockedAddresses(),
            findTorrent: @escaping @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest? = { _ in nil }
        ) {
            self.policy = policy
            self.blocked = blocked
            self.findTorrent = findTorrent
        }
    }

    private let door: ListenerDoor
    /// Where transports bring strangers.
    package var entrance: any PeerDoor { door }

    /// Accepts no peers before `listen`. `onPeer` is called, on any loop, for each stranger that has named a swarm,
    /// known or not; `onRefusal`, on any thread, for each that is closed before that.
    package init(
        _ options: Options,
        runtime: TransportRuntime,
        onPeer: @escaping @Sendable (IncomingPeer) -> Void,
        onRefusal: @escaping @Sendable (RefusedStranger) -> Void = { _ in }
    ) {
        door = ListenerDoor(options: options, runtime: runtime, onPeer: onPeer, onRefusal: onRefusal)
    }

    /// Accepts peers over `transport` as well. Returns where it listens: one endpoint per family.
    ///
    /// - Throws: `TransportError`: `.localBinding` or `.portInUse` if a requested address, port or interface cannot be
    ///   bound.
    package func listen(by transport: any PeerTransport) async throws(TransportError) -> [PeerEndpoint] {
        try await transport.listen(door)
    }

    /// The number of strangers that have been neither adopted nor rejected.
    package var pendingCount: Int { door.waitingCount }

    /// The number of strangers that were closed at once because of a limit.
    package var turnedAwayCount: Int { door.turnedAwayCount }

    /// Stops accepting and drops all waiting strangers. Adopted connections stay open.
    package func close() { door.close() }

    deinit { door.close() }
}
