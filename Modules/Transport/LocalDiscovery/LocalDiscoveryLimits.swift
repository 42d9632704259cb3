// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of local discovery: on what we say to the local network, and on what it may make us do.
public struct LocalDiscoveryLimits: Sendable {
    /// Between two announcements of a torrent, unless one is asked for sooner.
    public var interval: Interval = .minutes(Int64(5))
    /// The shortest time between two announcements of a torrent (BEP 14).
    public var shortestInterval: Interval = .minutes(Int64(1))
    /// Between two datagrams to a network, however many torrents there are.
    public var pause: Interval = .seconds(Int64(1))
    /// Info-hashes in a datagram, ours and others': at most 20 fit into 1,400 bytes.
    public var infoHashes = 20
    /// Bytes of a datagram (BEP 14).
    public var datagramBytes = 1_400
    /// Datagrams read in a second; further ones are dropped.
    public var datagramsPerSecond = 100
    /// Different peers reported in a minute, over all torrents; further ones are dropped.
    public var peersPerMinute = 500
    /// Peers that wait for their reader; older ones are dropped.
    public var waitingPeers = 500
    /// Network interfaces used; further ones are left out.
    public var interfaces = 16
    /// Between two looks at this machine's interfaces.
    public var interfaceCheck: Interval = .minutes(Int64(1))

    /// Limits that suit home and office networks.
    public init() {}
}
