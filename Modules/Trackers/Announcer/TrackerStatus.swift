// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// How one tracker of a torrent does, for a user interface.
public struct TrackerStatus: Hashable, Sendable {
    /// What we are doing with it.
    public enum State: Hashable, Sendable {
        /// Not asked yet: another of its tier works, or its turn has not come.
        case waiting
        /// An announce is under way.
        case announcing
        /// Its last answer was good.
        case working
        /// Its last answer was none, or no good one; it will be tried again.
        case failing
        /// It will not be asked again: it said so (BEP 31), or its URL is unfit.
        case abandoned
    }

    /// The announce URL.
    public var url: String
    /// Its tier, from 0 (BEP 12).
    public var tier: Int
    /// What we are doing with it.
    public var state: State = .waiting
    /// What went wrong last; nil after a good answer.
    public var lastFailure: TrackerFailure?
    /// The tracker's message for the user (HTTP only).
    public var warning: String?
    /// When it is announced to next; nil while it isn't its turn. On the clock of `Instant.now`.
    public var nextAnnounce: Instant?
    /// Peers in its last good answer.
    public var peerCount: Int?
    /// Complete peers that it knows of.
    public var seedCount: Int?
    /// Incomplete peers that it knows of.
    public var leecherCount: Int?

    init(url: String, tier: Int) {
        self.url = url
        self.tier = tier
    }
}
