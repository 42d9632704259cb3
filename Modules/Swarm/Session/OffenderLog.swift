// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// Logs misbehaving peers, each once per offence, and only a few per minute: a peer that floods us must not flood the
/// log as well.
final class OffenderLog: Sendable {
    /// The maximum number of lines per minute.
    static let limitPerMinute = 120

    private let logger: Logger
    private let clock: any EventLoop
    private let state = Locked(State())

    struct State {
        /// No more than there are lines.
        var named: Set<Offence> = []
        var minuteBeganAt = Instant.zero
        var lineCount = 0
    }

    struct Offence: Hashable {
        let offender: PeerEndpoint
        let words: String
    }

    init(logger: Logger, clock: any EventLoop) {
        self.logger = logger
        self.clock = clock
    }

    func note(_ offender: PeerEndpoint, _ words: String) {
        let now = Instant(clock.now)
        switch state.withLock({ $0.verdict(on: Offence(offender: offender, words: words), at: now) }) {
        case .silent: break
        case .named: logger.warning("peer \(offender): \(words)")
        case .limit: logger.warning("more peers misbehave than the log names in a minute (\(Self.limitPerMinute))")
        }
    }
}

extension OffenderLog.State {
    fileprivate enum Verdict {
        case silent
        case named
        /// The first one that is not logged.
        case limit
    }

    fileprivate mutating func verdict(on offence: OffenderLog.Offence, at now: Instant) -> Verdict {
        if now - minuteBeganAt > .minutes(1) {
            minuteBeganAt = now
            lineCount = 0
            named.removeAll()
        }
        guard lineCount < OffenderLog.limitPerMinute, named.insert(offence).inserted else { return .silent }
        lineCount += 1
        return lineCount == OffenderLog.limitPerMinute ? .limit : .named
    }
}
