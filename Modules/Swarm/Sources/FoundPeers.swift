// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Passes peers from a source to a torrent's loop. What is found in a burst arrives as one event, and nothing arrives
/// after the torrent has left.
final class FoundPeers: Sendable {
    private struct State {
        var driver: SwarmDriver?
        /// Endpoints that the loop has not taken yet.
        var pending: [PeerEndpoint] = []
    }

    /// Endpoints that may wait for the loop. Further ones are dropped; the source finds them again.
    private static let pendingLimit = 1_000

    private let origins: PeerOrigins
    private let state = Locked(State())

    init(_ origin: SourceOrigin) { origins = origin.origins }

    /// Sends what is found from now on to `driver`; nil drops it.
    func send(to driver: SwarmDriver?) {
        state.withLock { state in
            state.driver = driver
            state.pending = []
        }
    }

    func add(_ endpoints: [PeerEndpoint]) {
        let driver = state.withLock { state -> SwarmDriver? in
            guard let driver = state.driver, !endpoints.isEmpty else { return nil }
            let isAwaited = !state.pending.isEmpty
            state.pending += endpoints.prefix(Self.pendingLimit - state.pending.count)
            return isAwaited ? nil : driver
        }
        driver?.loop.execute { self.deliver() }
    }

    private func deliver() {
        let (driver, endpoints) = state.withLock { state in
            defer { state.pending = [] }
            return (state.driver, state.pending)
        }
        driver?.handleFound(endpoints, from: origins)
    }
}
