// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheCrypto
public import RucheWire

/// Dials peers over TCP, a bounded number at a time, and encrypts the connection where that is wanted.
///
/// Owner: the session, which closes it before the runtime; may be called from any loop.
public final class PeerDialer: Sendable {
    /// How to dial.
    public struct Options: Sendable {
        /// Address or interface to dial from.
        public var binding: LocalBinding
        /// Whether to encrypt, unless a dial says otherwise.
        public var encryption: EncryptionPolicy

        /// By default from anywhere, with encryption where the other side knows it.
        public init(binding: LocalBinding = .init(), encryption: EncryptionPolicy = .prefer) {
            self.binding = binding
            self.encryption = encryption
        }
    }

    private let options: Options
    private let limits: TransportLimits
    private let gate: DialGate
    private let places: ConnectionPlaces

    /// A dialer that keeps the runtime's limits.
    public init(_ options: Options = .init(), runtime: TransportRuntime) {
        self.options = options
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
    /// `infoHash` is the swarm's, v1 or v2 cut to 20 bytes: encryption is keyed by it. `configure` puts the swarm's
    /// handlers into the pipeline; they send the BitTorrent handshake, since nothing of it has been sent. Fails with a
    /// `TransportError`, or with what `configure` throws; the connection is closed then. The codes `.limit` and
    /// `.exhausted` say nothing of `remote`: there was no place for the connection, or none any longer, or no descriptor.
    public func dial(
        _ remote: PeerEndpoint,
        infoHash: SHA1Digest,
        on loop: any EventLoop,
        encryption: EncryptionPolicy? = nil,
        configure: @escaping PeerConnection.Configure
    ) -> EventLoopFuture<PeerConnection> {
        let promise = loop.makePromise(of: PeerConnection.self)
        gate.enter { [gate, places, limits, options] refusal in
            if let refusal { return promise.fail(refusal) }
            guard let place = places.admit(remote.address, isStranger: false) else {
                gate.leave()
                return promise.fail(
                    TransportError(.limit, "dial \(remote): \(limits.connections) connections are open")
                )
            }
            let dial = Dial(
                remote: remote,
                infoHash: infoHash,
                loop: loop,
                policy: encryption ?? options.encryption,
                binding: options.binding,
                limits: limits,
                place: place,
                configure: configure
            )
            loop.flatSubmit { dial.run() }.whenComplete { result in
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
