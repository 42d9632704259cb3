// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Idle connections that can carry another request.
///
/// Owner: `HTTPClient`. Invariant: at most `HTTPLimits.idle` in all and `HTTPLimits.idlePerHost` for one server.
struct ConnectionShelf<Connection: Hashable> {
    private struct Entry {
        let server: ServerKey
        let connection: Connection
        let since: Instant
    }

    private let limits: HTTPLimits
    /// Ordered by idle time; the one that has been idle longest comes first.
    private var entries: [Entry] = []

    init(limits: HTTPLimits) { self.limits = limits }

    var count: Int { entries.count }

    /// Removes and returns the most recently used connection to `server`.
    mutating func take(_ server: ServerKey, where isFit: (Connection) -> Bool) -> Connection? {
        guard let index = entries.lastIndex(where: { $0.server == server && isFit($0.connection) }) else { return nil }
        return entries.remove(at: index).connection
    }

    /// Adds an idle connection. Returns those that must be closed to stay within the limits.
    mutating func put(_ connection: Connection, to server: ServerKey, at now: Instant) -> [Connection] {
        entries.append(Entry(server: server, connection: connection, since: now))
        var surplus: [Connection] = []
        if entries.count(where: { $0.server == server }) > limits.idlePerHost,
            let index = entries.firstIndex(where: { $0.server == server })
        {
            surplus.append(entries.remove(at: index).connection)
        }
        if entries.count > limits.idle { surplus.append(entries.removeFirst().connection) }
        return surplus
    }

    /// Removes a connection that has closed.
    mutating func handleClosed(_ connection: Connection) { entries.removeAll { $0.connection == connection } }

    /// Removes and returns the connections that have been idle for too long; the caller closes them.
    mutating func nextExpired(at now: Instant) -> [Connection] {
        let expired = entries.prefix { now - $0.since >= limits.idleTime }.map(\.connection)
        entries.removeFirst(expired.count)
        return expired
    }

    /// When the next connection will have been idle for too long.
    var nextWake: Instant? { entries.first.map { $0.since + limits.idleTime } }
}

/// Identifies a server: connections with the same key can serve each other's requests.
struct ServerKey: Hashable, Sendable {
    let scheme: ServiceURL.Scheme
    let host: String
    let port: UInt16

    init(_ url: ServiceURL) {
        scheme = url.scheme
        host = url.host
        port = url.port
    }
}
