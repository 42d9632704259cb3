// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of this module: on what a tracker can make us do, and on what we ask of trackers.
package struct TrackerLimits: Sendable {
    /// Limits on the content of a response.
    package var answer = TrackerMessageLimits()

    /// Concurrent requests to one host; further ones wait for their turn.
    package var requestsPerHost = 2
    /// Concurrent requests to all hosts.
    package var requests = 64
    /// Requests that wait for their turn; further ones fail with `.limit`.
    package var queuedRequests = 65_536
    /// If a tracker is asked over both IPv4 and IPv6, the time for which the first response waits for the other.
    package var familyGrace: Interval = .seconds(3)

    /// Time limit for resolving a name.
    package var lookupTimeout: Interval = .seconds(20)
    /// A tracker's name is resolved again if its turn comes later than this.
    package var routeLifetime: Interval = .minutes(1)
    /// Time from the first packet of an HTTP request to the last byte of its response, including redirects.
    package var httpTimeout: Interval = .seconds(40)
    /// The part of `httpTimeout` within which a connection must open.
    package var httpConnectTimeout: Interval = .seconds(10)
    /// Redirects followed from one URL.
    package var httpRedirects = 3

    /// Time before an unanswered datagram is first sent again; doubles each time (BEP 15).
    package var udpTimeout: Interval = .seconds(15)
    /// How often a datagram is sent in all. BEP 15 allows nine times, which would take two hours.
    package var udpAttempts = 3
    /// How long a connection id is used (BEP 15).
    package var udpConnectionLifetime: Interval = .minutes(1)
    /// Connection ids that are kept.
    package var udpConnections = 1_024
    /// Bytes of a UDP tracker's path and query, which each announce carries (BEP 41).
    package var udpPathByteCount = 512

    /// Peers requested in an announce.
    package var wantedPeers = 200
    /// Trackers of one torrent; further ones are ignored.
    package var trackersPerTorrent = 256
    /// How long a torrent waits for its first response from a tier before it asks the tier's next tracker too.
    package var tierPatience: Interval = .seconds(5)
    /// Minimum time between two announces to one tracker without an event, whatever the tracker asks for.
    package var shortestInterval: Interval = .minutes(1)
    /// Maximum time between two announces, whatever the tracker asks for.
    package var longestInterval: Interval = .minutes(24 * 60)
    /// With fewer peers than this in a response, a download announces again after `fewPeersInterval`.
    package var fewPeers = 5
    /// Time between announces while there are few peers, unless the tracker's minimum is longer.
    package var fewPeersInterval: Interval = .minutes(5)
    /// Time before a failed tracker is tried again; doubles with each failure.
    package var firstRetry: Interval = .seconds(30)
    /// Maximum of that time.
    package var longestRetry: Interval = .minutes(60)
    /// Trackers whose messages to torrents are recorded.
    package var bulletinTrackers = 1_024
    /// Different messages of one tracker that are recorded.
    package var bulletinTopics = 8
    /// Torrents, over all trackers, that are recorded as having received a message.
    package var bulletinTorrents = 65_536
    /// How long the last announces of a torrent may take in the background.
    package var stopTimeout: Interval = .seconds(10)
    /// How long they may delay a caller that waits for them.
    package var stopWait: Interval = .seconds(3)

    /// The values above suit public trackers.
    package init() {}
}
