// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of local discovery: on what we send to the local network, and on what it can make us do.
package struct LocalDiscoveryLimits: Sendable {
    /// Time between two announcements of a torrent, unless one is requested sooner.
    package var interval: Interval = .minutes(Int64(5))
    /// Minimum time between two announcements of a torrent (BEP 14).
    package var shortestInterval: Interval = .minutes(Int64(1))
    /// Time between two datagrams to a network, however many torrents there are.
    package var pause: Interval = .seconds(Int64(1))
    /// Info-hashes in a datagram, sent or received: at most 20 fit into 1,400 bytes.
    package var infoHashes = 20
    /// Bytes in a datagram (BEP 14).
    package var datagramBytes = 1_400
    /// Datagrams read per second; further ones are dropped.
    package var datagramsPerSecond = 100
    /// Different peers reported per minute, over all torrents; further ones are dropped.
    package var peersPerMinute = 500
    /// Peers that wait for the reader; older ones are dropped.
    package var waitingPeers = 500
    /// Network interfaces in use; further ones are ignored.
    package var interfaces = 16
    /// Time between two checks of this machine's interfaces.
    package var interfaceCheck: Interval = .minutes(Int64(1))

    /// The values above suit home and office networks.
    package init() {}
}
