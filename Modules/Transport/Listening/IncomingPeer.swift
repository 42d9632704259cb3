// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
package import RucheWire
internal import Synchronization

/// A stranger that has named the swarm it wants. Adopt it into that swarm's loop, or reject it.
///
/// It is rejected if it is released without a decision, or when `TransportLimits.incomingDeadline` passes.
package final class IncomingPeer: Sendable {
    /// The other side's endpoint; its port is not the one that it listens on.
    package let remote: PeerEndpoint
    /// The info-hash in its handshake: v1, or v2 truncated to 20 bytes.
    package let infoHash: SHA1Digest
    /// Whether the connection is encrypted.
    package let isEncrypted: Bool

    private let home: any EventLoop
    private let opened: OpenedStream
    private let stranger: Stranger
    private let isDecided = Atomic<Bool>(false)

    /// Call it on the stranger's loop.
    init(_ opened: OpenedStream, infoHash: SHA1Digest, stranger: Stranger) {
        remote = opened.stream.facts.remote
        self.infoHash = infoHash
        isEncrypted = !opened.outcome.isPassthrough
        home = opened.stream.loop
        self.opened = opened
        self.stranger = stranger
    }

    deinit { reject() }

    /// Moves the connection to `loop`, one of the runtime's, and starts it there.
    ///
    /// The sink that `configure` returns receives everything so far, from the first byte of the handshake. Fails with a
    /// `TransportError`, or with what `configure` throws, and then closes the connection. Decide once: later calls fail
    /// with `.stopped`.
    package func adopt(
        on loop: any EventLoop,
        configure: @escaping PeerConnection.Configure
    ) -> EventLoopFuture<PeerConnection> {
        guard !isDecided.exchange(true, ordering: .relaxed) else {
            return loop.makeFailedFuture(TransportError(.stopped, "adopt \(remote) twice"))
        }
        let promise = loop.makePromise(of: PeerConnection.self)
        home.execute { [self] in
            stranger.surrender(to: loop) { [self] result in
                promise.completeWith(
                    Result {
                        let (stream, place) = try result.get()
                        do {
                            return try opened.moved(to: stream).start(for: infoHash, in: place, configure: configure)
                        } catch {
                            place.release()
                            throw error
                        }
                    }
                )
            }
        }
        return promise.futureResult
    }

    /// Closes the connection.
    package func reject() {
        guard !isDecided.exchange(true, ordering: .relaxed) else { return }
        home.execute { [stranger] in stranger.close() }
    }
}

extension OpenedStream {
    /// The same connection on another stream.
    fileprivate func moved(to stream: any PeerStream) -> Self {
        Self(stream: stream, channel: channel, outcome: outcome, received: received)
    }
}
