// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import RucheWire

/// Names a connection on which handshakes are under way. No number is given out twice.
package struct OpeningID: Hashable, Sendable {
    let number: UInt64
}

/// What we say first on a connection.
package enum Greeting {
    /// Nothing: the other side, which has dialled, speaks first.
    case none
    case handshake(Handshake)
    /// All of this handshake but our peer id, which follows once the other side's has come.
    case preamble(of: Handshake)
}

/// What follows from the part of a handshake that names a torrent.
package enum PreambleReply {
    case none
    case answer(Handshake)
    /// The torrent is not ours: close the connection.
    case refuse
}

/// Connections on which handshakes are under way, in the order in which they were opened. Each is given up after
/// `SwarmTiming.handshake`.
///
/// `SwarmCore` owns it. Their number is bounded by the session's places for connections.
struct OpeningConnections {
    struct Opening {
        let endpoint: PeerEndpoint
        let isIncoming: Bool
        let usesUTP: Bool
        /// Whether the other side gets our peer id before it has sent its own.
        let isNamed: Bool
    }

    private var openings: [OpeningID: Opening] = [:]
    private var deadlines: Deque<(id: OpeningID, at: Instant)> = []
    private var count: UInt64 = 0

    mutating func insert(_ opening: Opening, at now: Instant) -> OpeningID {
        dropEnded()
        count += 1
        let id = OpeningID(number: count)
        openings[id] = opening
        deadlines.append((id, now + SwarmTiming.handshake))
        return id
    }

    /// The handshakes are done, or the connection has ended. Nil if that was known.
    mutating func remove(_ id: OpeningID) -> Opening? { openings.removeValue(forKey: id) }

    mutating func removeAll() { self = OpeningConnections(countingFrom: count) }

    /// Returns a connection whose handshakes have taken too long; nil if there is none. Remove it before asking for the next.
    mutating func nextOverdue(at now: Instant) -> OpeningID? {
        dropEnded()
        return deadlines.first.flatMap { $0.at < now ? $0.id : nil }
    }

    private mutating func dropEnded() {
        while let first = deadlines.first, openings[first.id] == nil { deadlines.removeFirst() }
    }

    init() {}

    private init(countingFrom count: UInt64) { self.count = count }
}
