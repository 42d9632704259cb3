// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// What a transport must open a stream to.
public struct PeerDial: Sendable {
    /// The other side.
    public let remote: PeerEndpoint
    /// The swarm that it is dialled for: an info-hash, v1 or v2 cut to 20 bytes. A transport that needs no introduction
    /// ignores it.
    public let swarm: SHA1Digest
    /// From the first packet to an open stream.
    public let timeout: Interval

    /// A dial of `remote` for `swarm`.
    public init(remote: PeerEndpoint, swarm: SHA1Digest, timeout: Interval) {
        self.remote = remote
        self.swarm = swarm
        self.timeout = timeout
    }
}

/// A dial under way.
public struct DialTicket: Sendable {
    private let body: @Sendable () -> Void

    /// A ticket whose holder may call `cancel`, from any thread.
    public init(cancel: @escaping @Sendable () -> Void) { body = cancel }

    /// Gives the dial up: it fails with `.stopped` unless it has ended already.
    public func cancel() { body() }
}
