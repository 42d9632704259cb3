// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Decides by which transport and secure channel a peer is dialled, and when.
///
/// Each transport tries its channels one after the other, each on a stream of its own, since a handshake that has failed
/// leaves a stream unusable. The transports race: each has a head start before the next one, unless it gives up sooner.
///
/// Owner: a `Dial`. It knows no sockets: the caller says what failed, and stops asking once an attempt has succeeded.
package struct DialPlan: Sendable {
    /// One way to open a connection.
    package struct Attempt: Hashable, Sendable {
        /// What carries it.
        package let transport: TransportKind
        /// What its bytes go through.
        package let channel: ChannelKind
    }

    private let headStart: Interval
    /// Transports that have not begun, each with its attempts in order.
    private var waiting: ArraySlice<[Attempt]>
    /// Attempts that are left of the transports that have begun, without those under way.
    private var rest: [TransportKind: ArraySlice<Attempt>] = [:]
    /// Attempts that must begin now, because the one before on their transport has failed.
    private var due: [Attempt] = []
    private var underWay = 0
    /// When the next transport begins though others are under way.
    private var nextStart: Instant?

    /// Transports and channels stand in the order of preference. Nothing is dialled before the first `nextAttempt`.
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

    /// Nothing is under way, and nothing is left to try.
    package var isLost: Bool { underWay == 0 && due.isEmpty && waiting.isEmpty }

    /// When `nextAttempt` has something though nothing happens before; nil where it never has.
    package var nextWake: Instant? { waiting.isEmpty ? nil : nextStart }

    /// The next attempt that must begin now; nil if there is none.
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

    /// The transport cannot reach the peer: its other channels would not either. The next transport need not wait.
    package mutating func handleUnreachable(_ attempt: Attempt) {
        underWay = max(0, underWay - 1)
        rest[attempt.transport] = nil
        nextStart = nil
    }

    /// The stream opened, and its channel came to nothing: the transport's next one is tried.
    package mutating func handleChannelFailed(_ attempt: Attempt) {
        underWay = max(0, underWay - 1)
        if let next = rest[attempt.transport]?.popFirst() {
            due.append(next)
        } else {
            nextStart = nil
        }
    }
}
