// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
package import RucheWire

/// One uTP connection (BEP 29): no socket and no clock.
///
/// Its owner passes datagrams in, says when a batch of them ends, and then sends every `nextDatagram`, looks at every
/// `nextEvent` and comes back at `nextTimeout`. A packet costs no allocation.
package struct UTPConnection {
    /// The connection id of packets to us.
    package let receiveID: UInt16
    /// The connection id of packets from us, but for a SYN.
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

    /// Bytes that the peer has room for.
    var remoteWindow = 0
    /// The window that the peer was told last.
    var advertised = 0
    /// What our clock read minus the peer's timestamp, when its last packet came.
    var timestampDifference: UInt32 = 0
    var lastSentAt: Instant
    var lastReceivedAt: Instant
    /// Since when the oldest packet waits for an acknowledgement.
    var timerBeganAt: Instant
    /// Timeouts in a row.
    var backoff = 0
    /// The peer has no room: one packet may go nevertheless, to learn whether it has now.
    var mayProbeWindow = false
    /// Losses of packets before this one have had their effect on the window.
    var recovery: UTPSequence?
    var duplicateAcks = 0
    /// How many later transmissions must arrive before an earlier one is lost.
    var reorderThreshold = 3
    var bogusAckCount = 0
    /// New packets until one is withheld.
    var packetsUntilProbe: Int

    /// Dials: the first datagram is a SYN. `receiveID` must be random, and free for the peer's endpoint.
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

    /// Answers `syn`. Nothing but the answer is sent before the peer shows that it got it.
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

    /// Whether the owner can forget this connection: closed, and nothing left to say.
    package func isOver(at now: Instant) -> Bool {
        guard case .closed(let closed) = phase else { return false }
        return closed.until <= now && !closed.isResetDue
    }

    /// Whether an incoming connection waits for the proof that its address is real.
    package var isHalfOpen: Bool {
        if case .accepted = phase { return true }
        return false
    }

    /// Whether our SYN is not answered yet.
    var isConnecting: Bool {
        if case .connecting = phase { return true }
        return false
    }

    /// Takes bytes to send, in any number: their owner watches `unsentByteCount`. Bytes for a connection that is closing or
    /// closed are dropped.
    package mutating func write(_ bytes: ByteBuffer) {
        switch phase {
        case .connecting, .accepted, .open: sending.bytes.append(bytes)
        case .closing, .closed: return
        }
    }

    /// Takes the bytes that came in order; empty where there are none. The peer learns of the room once it is worth a packet.
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
