// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheWire
import Synchronization

/// A source of peers that records what it is told, and finds what a test scripts.
final class ScriptedSource: PeerSource {
    let traits: SourceTraits
    /// Whether leaving a membership ever finishes.
    private let saysGoodbye: Bool
    private let made = Mutex([Membership]())

    init(_ traits: SourceTraits = SourceTraits(), saysGoodbye: Bool = true) {
        self.traits = traits
        self.saysGoodbye = saysGoodbye
    }

    /// In the order in which torrents joined.
    var memberships: [Membership] { made.withLock(\.self) }

    func join(
        _ swarm: SourceContext,
        found: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) -> any SourceMembership {
        let membership = Membership(swarm, found, saysGoodbye)
        made.withLock { $0.append(membership) }
        return membership
    }

    final class Membership: SourceMembership {
        let swarm: SourceContext
        let find: @Sendable ([PeerEndpoint]) -> Void
        private let saysGoodbye: Bool
        private let state = Mutex((changes: [SwarmChange](), leavings: 0))

        init(_ swarm: SourceContext, _ find: @escaping @Sendable ([PeerEndpoint]) -> Void, _ saysGoodbye: Bool) {
            self.swarm = swarm
            self.find = find
            self.saysGoodbye = saysGoodbye
        }

        /// The changes it was told of, without repetitions.
        var changes: [SwarmChange] { state.withLock(\.changes) }
        /// How often it was left.
        var leavings: Int { state.withLock(\.leavings) }

        func note(_ change: SwarmChange) {
            state.withLock { if $0.changes.last != change { $0.changes.append(change) } }
        }

        func leave(then: @escaping @Sendable () -> Void) {
            state.withLock { $0.leavings += 1 }
            guard saysGoodbye else { return }
            // Finishing twice does no harm.
            then()
            then()
        }

        /// Returns once `change` has been reported.
        func wait(for change: SwarmChange) async {
            while !changes.contains(change) { await Task.yield() }
        }

        func waitUntilLeft() async { while leavings == 0 { await Task.yield() } }
    }
}
