// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
package import RucheWire

/// One uTP connection (BEP 29), without sockets or a clock.
///
/// Its owner passes datagrams in, reports when a batch of them ends, then sends every `nextDatagram`, handles every
/// `nextEvent`, and returns at `nextTimeout`. Packets cause no allocations.
package struct UTPConnection {
    /// The connection id of packets to us.
    package let receiveID: UInt16
    /// The connection id of packets from us, except a SYN.
    let sendID: UInt16
    let limits: UTPLimits

    var phase: UTPPhase
    var sending: SendQueue
    var receiving: ReceiveQueue
    var window: CongestionWindow
    var roundTrip = RoundTrip()
    var queueing = QueueingDelay()
    var path: PathMTU
    var pacer = Pacer()
    var loss = LossMeter()
    var ack = AckDebt()
    var events = UTPEvents()
    var generator: SeededRandom

    /// Bytes that the peer can still receive.
    var remoteWindow = 0
    /// The window that we advertised last.
    var advertised = 0
    /// Our clock minus the peer's timestamp when its last packet arrived.
    var timestampDifference: UInt32 = 0
    var lastSentAt: Instant
    var lastReceivedAt: Instant
    /// When the oldest packet started to wait for an acknowledgement.
    var timerBeganAt: Instant
    /// Consecutive timeouts.
    var backoff = 0
    /// Whether one packet may be sent although the peer has no room, to find out whether it has now.
    var mayProbeWindow = false
    /// Losses of packets before this one have already reduced the window.
    var recovery: UTPSequence?
    var duplicateAcks = 0
    /// How many later transmissions must arrive before an earlier one counts as lost.
    var reorderThreshold = 3
    var bogusAckCount = 0
    /// New packets before one is withheld.
    var packetsUntilProbe: Int

    /// Creates an outgoing connection, whose first datagram is a SYN. `receiveID` must be random, and unused for the
    /// peer's endpoint.
    package init(dialling receiveID: UInt16, _ limits: UTPLimits = .init(), random: SeededRandom, at now: Instant) {
        var random = random
        let sequence = UTPSequence(UInt16.random(in: .min ... .max, using: &random))
        self.init(
            receiveID: receiveID,
            sendID: receiveID &+ 1,
            phase: .connecting(.init(sequence: sequence, timeoutAt: now + limits.connectTimeout)),
            first: sequence + 1,
            expected: UTPSequence(0),
            limits,
            random,
            now
        )
    }

    /// Answers `syn`. Nothing but the answer is sent until the peer proves that it received it.
    package init(accepting syn: UTPHeader, _ limits: UTPLimits = .init(), random: SeededRandom, at now: Instant) {
        var random = random
        let first = UTPSequence(UInt16.random(in: .min ... .max, using: &random))
        self.init(
            receiveID: syn.connectionID &+ 1,
            sendID: syn.connectionID,
            phase: .accepted(.init(since: now)),
            first: first,
            expected: syn.sequence + 1,
            limits,
            random,
            now
        )
        remoteWindow = Int(syn.window)
        timestampDifference = Self.microseconds(now) &- syn.timestamp
    }

    private init(
        receiveID: UInt16,
        sendID: UInt16,
        phase: UTPPhase,
        first: UTPSequence,
        expected: UTPSequence,
        _ limits: UTPLimits,
        _ random: SeededRandom,
        _ now: Instant
    ) {
        self.receiveID = receiveID
        self.sendID = sendID
        self.phase = phase
        self.limits = limits
        generator = random
        sending = SendQueue(next: first)
        receiving = ReceiveQueue(expected: expected, limits)
        path = PathMTU(limits)
        window = CongestionWindow(packetBytes: path.payloadBytes, limits)
        (lastSentAt, lastReceivedAt, timerBeganAt) = (now, now, now)
        packetsUntilProbe = 0
        scheduleProbe()
    }

    /// Bytes that were written and never sent.
    package var unsentByteCount: Int { sending.unsentByteCount }
    /// Bytes that can be read.
    package var readableByteCount: Int { receiving.ready.readableBytes }

    /// Whether bytes can be written.
    package var isOpen: Bool {
        if case .open = phase { return true }
        return false
    }

    /// Whether the owner can drop this connection: it is closed and has nothing left to send.
    package func isOver(at now: Instant) -> Bool {
        guard case .closed(let closed) = phase else { return false }
        return closed.until <= now && !closed.isResetDue
    }

    /// Whether an incoming connection has not proved yet that its address is real.
    package var isHalfOpen: Bool {
        if case .accepted = phase { return true }
        return false
    }

    /// Whether our SYN has not been answered yet.
    var isConnecting: Bool {
        if case .connecting = phase { return true }
        return false
    }

    /// Takes any number of bytes to send; the owner watches `unsentByteCount`. A connection that is closing or closed
    /// drops them.
    package mutating func write(_ bytes: ByteBuffer) {
        switch phase {
        case .connecting, .accepted, .open: sending.bytes.append(bytes)
        case .closing, .closed: return
        }
    }

    /// Removes and returns the bytes that arrived in order; may be empty. The peer learns of the free space once that
    /// is worth a packet.
    package mutating func read() -> ByteBuffer {
        let bytes = receiving.read()
        if receiving.window - advertised >= limits.receiveBytes / 4 { ack.demand() }
        return bytes
    }

    static func microseconds(_ instant: Instant) -> UInt32 { UInt32(truncatingIfNeeded: instant.nanoseconds / 1000) }

    mutating func scheduleProbe() {
        let mean = max(2, limits.packetsPerProbe)
        packetsUntilProbe = Int.random(in: mean / 2...mean + mean / 2, using: &generator)
    }
}
