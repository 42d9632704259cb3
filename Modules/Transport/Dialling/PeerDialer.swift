// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
package import RucheWire

/// Dials peers over the session's transports, a limited number at a time, and opens a secure channel on each
/// connection.
///
/// Owner: the session, which closes it before the runtime. May be called from any loop.
package final class PeerDialer: Sendable {
    private let transports: [any PeerTransport]
    private let policy: ChannelPolicy
    private let blocked: BlockedAddresses
    private let runtime: TransportRuntime
    private let gate: DialGate

    /// Creates a dialer over `transports`, one of each kind and in order of preference, for all addresses but those
    /// `blocked`. The runtime's limits apply.
    package init(
        over transports: [any PeerTransport],
        policy: ChannelPolicy = EncryptionPolicy.prefer.channels,
        blocked: BlockedAddresses = BlockedAddresses(),
        runtime: TransportRuntime
    ) {
        self.transports = transports
        self.policy = policy
        self.blocked = blocked
        self.runtime = runtime
        gate = DialGate(limit: runtime.limits.halfOpenDials, queueLimit: runtime.limits.queuedDials)
    }

    /// The number of dials under way.
    package var activeCount: Int { gate.counts.active }
    /// The number of dials that wait for a place.
    package var waitingCount: Int { gate.counts.waiting }

    /// Connects to `remote` on `loop`, one of the runtime's, and starts the connection there.
    ///
    /// `infoHash` is the swarm's, v1 or v2 truncated to 20 bytes: it is the encryption key. The sink that `configure`
    /// returns sends the whole BitTorrent handshake. Fails with a `TransportError`, or with what `configure` throws,
    /// and then closes the connection. The codes `.limit` and `.exhausted` say nothing about `remote`: there was no
    /// place for the connection, another took its place, or descriptors ran out.
    ///
    /// - Parameter failureCount: The number of failed dials of `remote` in a row. Each dial starts with a different
    ///   transport than the one before, because a transport whose streams open and then lead nowhere would win every
    ///   race.
    /// - Parameter kind: The only transport to use; nil for all.
    package func dial(
        _ remote: PeerEndpoint,
        infoHash: SHA1Digest,
        afterFailures failureCount: Int = 0,
        over kind: TransportKind? = nil,
        on loop: any EventLoop,
        configure: @escaping PeerConnection.Configure
    ) -> EventLoopFuture<PeerConnection> {
        guard !blocked.contains(remote.address) else {
            return loop.makeFailedFuture(TransportError(.blocked, "dial \(remote)"))
        }
        let promise = loop.makePromise(of: PeerConnection.self)
        gate.enter { [gate, runtime, policy, transports] refusal in
            if let refusal { return promise.fail(refusal) }
            guard let place = runtime.places.admit(remote.address, isStranger: false) else {
                gate.leave()
                return promise.fail(
                    TransportError(.limit, "dial \(remote): \(runtime.limits.connections) connections are open")
                )
            }
            let order = Dial.Order(
                remote: remote,
                infoHash: infoHash,
                loop: loop,
                policy: policy,
                transports: Self.turned(transports, by: failureCount).filter { kind == nil || $0.kind == kind },
                runtime: runtime,
                place: place,
                configure: configure
            )
            loop.flatSubmit { Dial(order).run() }.whenComplete { result in
                gate.leave()
                if case .failure = result { place.release() }
                promise.completeWith(result)
            }
        }
        return promise.futureResult
    }

    private static func turned(_ transports: [any PeerTransport], by count: Int) -> [any PeerTransport] {
        let first = transports.isEmpty ? 0 : max(0, count) % transports.count
        return Array(transports[first...] + transports[..<first])
    }

    /// Fails all waiting and future dials; those under way continue.
    package func close() {
        gate.close()
    }
}
