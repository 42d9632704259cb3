// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import RucheWire

/// The open connections of a media server, at most `limit`.
final class PlayerConnections: Sendable {
    private enum State {
        /// The port is open and not known yet, so no URL is either.
        case starting
        case serving(Films, [ObjectIdentifier: any Channel])
        case closed
    }

    private let limit: Int
    private let state = Locked(State.starting)

    init(limit: Int) { self.limit = limit }

    /// Serves new connections from now on.
    func start(_ films: Films) { state.withLock { $0 = .serving(films, [:]) } }

    /// Gives a new connection its handlers; throws if there is no place for it, which closes it.
    func configure(_ channel: any Channel) throws {
        let films = try add(channel)
        channel.closeFuture.whenComplete { [self] _ in remove(channel) }
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
        try channel.pipeline.syncOperations.addHandler(PlayerConnection(films, on: channel.eventLoop))
    }

    func close() async {
        let channels = state.withLock { state -> [any Channel] in
            defer { state = .closed }
            guard case .serving(_, let open) = state else { return [] }
            return Array(open.values)
        }
        for channel in channels { try? await channel.close().get() }
    }

    private func add(_ channel: any Channel) throws -> Films {
        try state.withLock { state in
            guard case .serving(let films, var open) = state, open.count < limit else {
                throw NoPlace()
            }
            open[ObjectIdentifier(channel)] = channel
            state = .serving(films, open)
            return films
        }
    }

    private func remove(_ channel: any Channel) {
        state.withLock { state in
            guard case .serving(let films, var open) = state else { return }
            open[ObjectIdentifier(channel)] = nil
            state = .serving(films, open)
        }
    }
}

/// A connection is closed because the server has enough of them, or has ended.
private struct NoPlace: Error {}
