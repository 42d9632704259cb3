// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The constant properties of a stream.
public struct StreamFacts: Hashable, Sendable {
    /// The other side's endpoint. If it dialled, the port is not the one that it listens on.
    public let remote: PeerEndpoint
    /// The transport that carries the stream.
    public let kind: TransportKind
    /// Whether the other side dialled.
    public let isIncoming: Bool

    /// `remote` has an ephemeral port if `isIncoming`.
    public init(remote: PeerEndpoint, kind: TransportKind, isIncoming: Bool) {
        self.remote = remote
        self.kind = kind
        self.isIncoming = isIncoming
    }
}
