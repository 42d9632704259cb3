// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

/// The local network as a source of peers (BEP 14), for every public torrent of a session.
final class LocalNetworkSource: PeerSource {
    let traits = SourceTraits(origin: .localNetwork, outlivesDormancy: true)
    private let discovery: LocalDiscovery
    private let members = Locked([SHA1Digest: Membership]())
    private let reader = Locked<Task<Void, Never>?>(nil)

    /// Starts listening. `port` is where the session accepts connections.
    init(port: UInt16, _ binding: LocalBinding, _ runtime: TransportRuntime) {
        discovery = LocalDiscovery(port: port, runtime: runtime, binding: binding)
        let peers = discovery.peers
        let task = Task { [weak self] in
            for await peer in peers { self?.members.withLock { $0[peer.infoHash] }?.found([peer.endpoint]) }
        }
        reader.withLock { $0 = task }
    }

    func join(
        _ swarm: SourceContext,
        found: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) -> any SourceMembership {
        let membership = Membership(self, swarm.hashes.wireHashes, found)
        members.withLock { members in for hash in membership.hashes { members[hash] = membership } }
        for hash in membership.hashes { discovery.add(hash) }
        return membership
    }

    private func remove(_ membership: Membership) {
        let left = members.withLock { members in
            // The torrent may have been added again meanwhile.
            let left = membership.hashes.filter { members[$0] === membership }
            for hash in left { members[hash] = nil }
            return left
        }
        for hash in left { discovery.remove(hash) }
    }

    /// Stops announcing and listening.
    func close() async {
        await discovery.close()
        reader.withLock { $0?.cancel() }
        members.withLock { $0 = [:] }
    }

    private final class Membership: SourceMembership {
        private let source: LocalNetworkSource
        let hashes: [SHA1Digest]
        let found: @Sendable ([PeerEndpoint]) -> Void

        init(
            _ source: LocalNetworkSource,
            _ hashes: [SHA1Digest],
            _ found: @escaping @Sendable ([PeerEndpoint]) -> Void
        ) {
            self.source = source
            self.hashes = hashes
            self.found = found
        }

        func note(_ change: SwarmChange) {
            guard case .needsPeers = change else { return }
            for hash in hashes { source.discovery.announceSoon(hash) }
        }

        func leave(then: @escaping @Sendable () -> Void) {
            source.remove(self)
            then()
        }
    }
}
