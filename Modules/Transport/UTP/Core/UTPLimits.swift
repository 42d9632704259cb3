// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits and timeouts of uTP (BEP 29).
package struct UTPLimits: Sendable {
    /// Maximum length of a sent datagram: header, extensions and payload.
    package var datagramBytes = 1400
    /// The datagram length that every path is expected to carry; longer ones are probed.
    package var smallestDatagramBytes = 1200
    /// Bytes that one connection holds for its reader, in order or not: the maximum advertised window.
    package var receiveBytes = 4 << 20
    /// Packets after a missing one that a connection holds.
    package var reorderPackets = 4096
    /// Packets of one connection under way.
    package var sendPackets = 16_384
    /// Connections of one socket, including those that are closing.
    package var connections = 2000
    /// Incoming connections whose peers have not proved that their addresses are real.
    package var halfOpen = 256
    /// Of these, connections from one address.
    package var halfOpenPerAddress = 32
    /// RESETs sent for one read of the socket.
    package var resetsPerRead = 16
    /// Bytes in the congestion window.
    package var windowBytes = 16 << 20

    /// The queueing delay that a sender aims for. RFC 6817 allows 100 ms; LEDBAT++ proposes 60.
    package var targetDelay: Interval = .milliseconds(60)
    /// Minimum time before an unacknowledged packet is sent again (BEP 29, "timeouts").
    package var shortestTimeout: Interval = .milliseconds(500)
    /// The same for the first packet, before a round trip has been measured.
    package var connectTimeout: Interval = .seconds(1 as Int)
    /// How often the first packet is sent.
    package var connectTries = 5
    /// Consecutive timeouts without an acknowledgement after which a connection is aborted.
    package var timeouts = 6
    /// How long an acknowledgement may wait for a second packet.
    package var ackDelay: Interval = .milliseconds(20)
    /// Time without a packet from us after which one is sent, to keep translators' mappings open.
    package var keepAlive: Interval = .seconds(29 as Int)
    /// Time without a packet from the peer after which a connection is aborted: more than the two minutes after which
    /// BitTorrent itself sends a keep-alive.
    package var idleTimeout: Interval = .seconds(180 as Int)
    /// How long a closed connection waits for the peer's FIN.
    package var lingerTimeout: Interval = .seconds(5 as Int)
    /// How long an incoming connection may leave our answer unacknowledged, because its address may be forged.
    package var halfOpenTimeout: Interval = .seconds(10 as Int)
    /// Acknowledgements of packets that were never sent, after which the connection is closed. Packets that the network
    /// delayed by a whole cycle of numbers look the same, so one is not enough.
    package var bogusAcks = 8
    /// Mean number of packets between two that are temporarily withheld. A peer that acknowledges one is disconnected.
    package var packetsPerProbe = 4096

    /// The values above suit today's Internet.
    package init() {}
}
