// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The state of one of a torrent's trackers, for a user interface.
public struct TrackerStatus: Hashable, Sendable {
    /// The tracker's state.
    public enum State: Hashable, Sendable {
        /// Not asked yet: another tracker of its tier works, or its turn has not come.
        case waiting
        /// An announce is under way.
        case announcing
        /// Its last response was good.
        case working
        /// It did not answer, or reported an error; it will be tried again.
        case failing
        /// It will not be asked again, because it said so (BEP 31) or its URL is unfit.
        case abandoned
    }

    /// The announce URL.
    public var url: String
    /// The tier, from 0 (BEP 12).
    public var tier: Int
    /// The tracker's state.
    public var state: State = .waiting
    /// The last failure; nil after a good response.
    public var lastFailure: TrackerError?
    /// The tracker's message for the user (HTTP only).
    public var warning: String?
    /// When the next announce is due, on the clock of `Instant.now`; nil while it is not the tracker's turn.
    public var nextAnnounce: Instant?
    /// The number of peers in its last good response.
    public var peerCount: Int?
    /// The number of complete peers that it reports.
    public var seedCount: Int?
    /// The number of incomplete peers that it reports.
    public var leecherCount: Int?

    init(url: String, tier: Int) {
        self.url = url
        self.tier = tier
    }
}
