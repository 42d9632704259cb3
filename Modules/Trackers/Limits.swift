// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of this module: on what trackers may make us do, and on what we ask of them.
public struct TrackersLimits: Sendable {
    /// What is taken from an answer at most.
    public var answer = TrackerLimits()

    /// Requests under way at once to one host; more wait for their turn.
    public var requestsPerHost = 2
    /// Requests under way at once to all hosts.
    public var requests = 64
    /// Requests that wait for their turn; further ones fail with `.limit`.
    public var queuedRequests = 65_536
    /// Where a tracker is reached over IPv4 and IPv6, how long an answer over one waits for the other's.
    public var familyGrace: Interval = .seconds(3)

    /// From a name's lookup to its addresses.
    public var lookupTimeout: Interval = .seconds(20)
    /// A tracker's addresses are looked up again if its turn comes later than this.
    public var routeLifetime: Interval = .minutes(1)
    /// From the first packet of an HTTP request to the last byte of its answer, redirects included.
    public var httpTimeout: Interval = .seconds(40)
    /// Of that, until there is a connection.
    public var httpConnectTimeout: Interval = .seconds(10)
    /// Redirects followed from one URL.
    public var httpRedirects = 3

    /// Until an unanswered datagram is first sent again; doubles each time (BEP 15).
    public var udpTimeout: Interval = .seconds(15)
    /// How often a datagram is sent in all; BEP 15 allows nine times, which would take two hours.
    public var udpAttempts = 3
    /// How long a connection id is used (BEP 15).
    public var udpConnectionLifetime: Interval = .minutes(1)
    /// Connection ids kept.
    public var udpConnections = 1_024
    /// Bytes of a UDP tracker's path and query, which go into each announce (BEP 41).
    public var udpPathByteCount = 512

    /// Peers asked for in an announce.
    public var wantedPeers = 200
    /// Trackers of one torrent; further ones are left out.
    public var trackersPerTorrent = 256
    /// Shortest time between two announces to one tracker that no event calls for, whatever the tracker says.
    public var shortestInterval: Interval = .minutes(1)
    /// Longest time between two announces, whatever the tracker says.
    public var longestInterval: Interval = .minutes(24 * 60)
    /// Fewer peers than this in an answer, and a download asks again sooner: after `fewPeersInterval`.
    public var fewPeers = 5
    /// Time between announces while peers are few, unless the tracker's minimum is longer.
    public var fewPeersInterval: Interval = .minutes(5)
    /// Time until a tracker that failed is tried again; doubles with each failure.
    public var firstRetry: Interval = .seconds(30)
    /// What that time grows to.
    public var longestRetry: Interval = .minutes(60)
    /// Trackers of which is noted what they say to torrents.
    public var bulletinTrackers = 1_024
    /// Different words of one tracker that are noted.
    public var bulletinTopics = 8
    /// Torrents, by tracker, of which is noted that they were told something.
    public var bulletinTorrents = 65_536
    /// How long the last announces of a torrent may take in the background.
    public var stopTimeout: Interval = .seconds(10)
    /// How long they may hold up whoever waits for them.
    public var stopWait: Interval = .seconds(3)

    /// The defaults.
    public init() {}
}
