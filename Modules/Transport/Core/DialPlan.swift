// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Decides by which transport and secure channel to dial a peer, and when.
///
/// Each transport tries its channels one after the other, each on a new stream, because a failed handshake leaves a
/// stream unusable. The transports race: each has a head start over the next one, unless it fails sooner.
///
/// Owner: a `Dial`. The plan knows no sockets: the caller reports failures, and stops asking once an attempt succeeds.
package struct DialPlan: Sendable {
    /// One way to open a connection.
    package struct Attempt: Hashable, Sendable {
        /// The transport that carries the connection.
        package let transport: TransportKind
        /// The secure channel of the connection.
        package let channel: ChannelKind
    }

    private let headStart: Interval
    /// Transports that have not started, each with its attempts in order.
    private var waiting: ArraySlice<[Attempt]>
    /// The remaining attempts of transports that have started, without those under way.
    private var rest: [TransportKind: ArraySlice<Attempt>] = [:]
    /// Attempts that must start now, because the previous one on their transport failed.
    private var due: [Attempt] = []
    private var underWay = 0
    /// When the next transport starts although others are under way.
    private var nextStart: Instant?

    /// Takes transports and channels in order of preference. Nothing is dialled before the first `nextAttempt`.
    package init(transports: [TransportKind], channels: [ChannelKind], headStart: Interval) {
        self.headStart = headStart
        let lanes =
            channels.isEmpty
            ? []
            : transports.map { transport in
                channels.map { Attempt(transport: transport, channel: $0) }
            }
        waiting = lanes[...]
    }

    /// Whether every attempt has failed.
    package var isLost: Bool { underWay == 0 && due.isEmpty && waiting.isEmpty }

    /// When `nextAttempt` returns another attempt if no event comes first; nil if there are none left.
    package var nextWake: Instant? { waiting.isEmpty ? nil : nextStart }

    /// Returns the next attempt to start now; nil if there is none.
    package mutating func nextAttempt(at now: Instant) -> Attempt? {
        if let attempt = due.popLast() {
            underWay += 1
            return attempt
        }
        if underWay > 0, let nextStart, now < nextStart { return nil }
        guard let lane = waiting.popFirst(), let first = lane.first else { return nil }
        rest[first.transport] = lane.dropFirst()
        underWay += 1
        nextStart = now + headStart
        return first
    }

    /// Records that the transport cannot reach the peer, so its other channels would fail too. The next transport need
    /// not wait.
    package mutating func handleUnreachable(_ attempt: Attempt) {
        underWay = max(0, underWay - 1)
        rest[attempt.transport] = nil
        nextStart = nil
    }

    /// Records that the stream opened but its channel failed. The transport's next channel is tried.
    package mutating func handleChannelFailed(_ attempt: Attempt) {
        underWay = max(0, underWay - 1)
        if let next = rest[attempt.transport]?.popFirst() {
            due.append(next)
        } else {
            nextStart = nil
        }
    }
}
