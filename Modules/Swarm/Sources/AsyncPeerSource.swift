// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// A source of peers that is a function. It is called when a torrent joins, and its stream is cancelled when the
/// torrent leaves.
///
///     options.sources = [AsyncPeerSource { swarm in
///         AsyncStream { continuation in
///             continuation.yield(friends.endpoints(sharing: swarm.hashes))
///         }
///     }]
public struct AsyncPeerSource: PeerSource {
    /// The traits given to `init`.
    public let traits: SourceTraits
    private let endpoints: @Sendable (SourceContext) -> AsyncStream<[PeerEndpoint]>

    /// Creates a source that yields what `endpoints` yields.
    public init(
        _ traits: SourceTraits = SourceTraits(),
        endpoints: @escaping @Sendable (SourceContext) -> AsyncStream<[PeerEndpoint]>
    ) {
        self.traits = traits
        self.endpoints = endpoints
    }

    /// Calls the function and passes on what its stream yields.
    public func join(
        _ swarm: SourceContext,
        found: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) -> any SourceMembership {
        let stream = endpoints(swarm)
        return Membership(Task { for await endpoints in stream { found(endpoints) } })
    }

    private final class Membership: SourceMembership {
        private let task: Task<Void, Never>

        init(_ task: Task<Void, Never>) { self.task = task }

        deinit { task.cancel() }

        func note(_ change: SwarmChange) {}

        func leave(then: @escaping @Sendable () -> Void) {
            task.cancel()
            then()
        }
    }
}
