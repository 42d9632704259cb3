// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// The destination of a stream that a transport opens.
public struct PeerDial: Sendable {
    /// The other side's endpoint.
    public let remote: PeerEndpoint
    /// The swarm: an info-hash, v1 or v2 truncated to 20 bytes. Only a transport that needs an introduction uses it.
    public let swarm: SHA1Digest
    /// Time from the first packet to an open stream.
    public let timeout: Interval

    /// Creates a dial of `remote` for `swarm`.
    public init(remote: PeerEndpoint, swarm: SHA1Digest, timeout: Interval) {
        self.remote = remote
        self.swarm = swarm
        self.timeout = timeout
    }
}

/// A dial under way.
public struct DialTicket: Sendable {
    private let body: @Sendable () -> Void

    /// The holder may call `cancel`, from any thread.
    public init(cancel: @escaping @Sendable () -> Void) { body = cancel }

    /// Cancels the dial, which fails with `.stopped` unless it has ended.
    public func cancel() { body() }
}
