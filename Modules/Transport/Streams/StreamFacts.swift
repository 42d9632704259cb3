// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What a stream is, for as long as it lives.
public struct StreamFacts: Hashable, Sendable {
    /// The other side. If it dialled, the port is not the one that it listens on.
    public let remote: PeerEndpoint
    /// The transport that carries it.
    public let kind: TransportKind
    /// Whether the other side dialled.
    public let isIncoming: Bool

    /// The facts of one stream.
    public init(remote: PeerEndpoint, kind: TransportKind, isIncoming: Bool) {
        self.remote = remote
        self.kind = kind
        self.isIncoming = isIncoming
    }
}
