// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits and times of uTP (BEP 29).
public struct UTPLimits: Sendable {
    /// The longest datagram that is sent: header, extensions and payload.
    public var datagramBytes = 1400
    /// The datagram that every path is expected to carry; longer ones are tried first.
    public var smallestDatagramBytes = 1200
    /// Bytes that one connection holds for its reader, in order or not: the largest window that is advertised.
    public var receiveBytes = 4 << 20
    /// Packets after a missing one that a connection holds.
    public var reorderPackets = 4096
    /// Packets of one connection under way.
    public var sendPackets = 16_384
    /// Connections of one socket, those that are closing included.
    public var connections = 2000
    /// Incoming connections whose peers have not shown that their addresses are real.
    public var halfOpen = 256
    /// Of these, connections from one address.
    public var halfOpenPerAddress = 32
    /// RESETs that one read of the socket makes us send.
    public var resetsPerRead = 16
    /// Bytes of the congestion window.
    public var windowBytes = 16 << 20

    /// The queueing delay that a sender aims at. RFC 6817 allows 100 ms; LEDBAT++ proposes 60.
    public var targetDelay: Interval = .milliseconds(60)
    /// The least time until a packet that is not acknowledged is sent again (BEP 29, "timeouts").
    public var shortestTimeout: Interval = .milliseconds(500)
    /// The same for the first packet, before a round trip was measured.
    public var connectTimeout: Interval = .seconds(1 as Int)
    /// How often the first packet is sent.
    public var connectTries = 5
    /// Timeouts without an acknowledgement in between after which a connection is given up.
    public var timeouts = 6
    /// How long an acknowledgement may wait for a second packet.
    public var ackDelay: Interval = .milliseconds(20)
    /// After how long without a packet of ours one is sent, so that translators keep the way open.
    public var keepAlive: Interval = .seconds(29 as Int)
    /// After how long without a packet of the peer's a connection is given up: longer than the two minutes after which
    /// BitTorrent itself says something.
    public var idleTimeout: Interval = .seconds(180 as Int)
    /// How long a closed connection waits for the peer's FIN.
    public var lingerTimeout: Interval = .seconds(5 as Int)
    /// How long an incoming connection may leave our answer unacknowledged: its address may be forged.
    public var halfOpenTimeout: Interval = .seconds(10 as Int)
    /// Acknowledgements of packets that were never sent, after which the peer is cut off. Packets that the network delayed
    /// by a whole turn of the numbers look the same, so one is not enough.
    public var bogusAcks = 8
    /// Packets between two that are withheld for a while: a peer that acknowledges one is cut off. The mean.
    public var packetsPerProbe = 4096

    /// Values for the Internet of today.
    public init() {}
}
