// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheCrypto
public import RucheWire

/// Dials peers over the session's transports, a bounded number at a time, and gives each connection its secure channel.
///
/// Owner: the session, which closes it before the runtime; may be called from any loop.
public final class PeerDialer: Sendable {
    private let transports: [any PeerTransport]
    private let policy: ChannelPolicy
    private let limits: TransportLimits
    private let gate: DialGate
    private let places: ConnectionPlaces

    /// A dialer over `transports`, one of a kind and in order of preference, that keeps the runtime's limits.
    public init(
        over transports: [any PeerTransport],
        policy: ChannelPolicy = EncryptionPolicy.prefer.channels,
        runtime: TransportRuntime
    ) {
        self.transports = transports
        self.policy = policy
        limits = runtime.limits
        places = runtime.places
        gate = DialGate(limit: limits.halfOpenDials, queueLimit: limits.queuedDials)
    }

    /// Dials under way.
    public var activeCount: Int { gate.counts.active }
    /// Dials that wait for a place.
    public var waitingCount: Int { gate.counts.waiting }

    /// Connects to `remote` on `loop`, one of the runtime's, and starts the connection there.
    ///
    /// `infoHash` is the swarm's, v1 or v2 cut to 20 bytes: encryption is keyed by it. The sink of `configure` sends the
    /// BitTorrent handshake, since nothing of it has been sent. Fails with a `TransportError`, or with what `configure` throws;
    /// the connection is closed then. The codes `.limit` and `.exhausted` say nothing of `remote`: there was no place for the
    /// connection, or none any longer, or no descriptor.
    public func dial(
        _ remote: PeerEndpoint,
        infoHash: SHA1Digest,
        on loop: any EventLoop,
        configure: @escaping PeerConnection.Configure
    ) -> EventLoopFuture<PeerConnection> {
        let promise = loop.makePromise(of: PeerConnection.self)
        gate.enter { [gate, places, limits, policy, transports] refusal in
            if let refusal { return promise.fail(refusal) }
            guard let place = places.admit(remote.address, isStranger: false) else {
                gate.leave()
                return promise.fail(
                    TransportError(.limit, "dial \(remote): \(limits.connections) connections are open")
                )
            }
            let order = Dial.Order(
                remote: remote,
                infoHash: infoHash,
                loop: loop,
                policy: policy,
                transports: transports,
                limits: limits,
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

    /// Fails all dials that wait, and all later ones; those under way go on.
    public func close() {
        gate.close()
    }
}
