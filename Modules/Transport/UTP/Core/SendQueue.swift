// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// What we send: bytes not yet in packets, and a ring of packets that the peer has not acknowledged, by their numbers.
///
/// Owner: `UTPConnection`. Invariants: every packet from `first` up to `next` has a slot; `inFlight` is the payload of all
/// slots that are `.sent`.
struct SendQueue {
    enum State: UInt8 {
        /// Under way.
        case sent
        /// To be sent again.
        case lost
        /// The peer has it, but not all before it.
        case acknowledged
        /// Numbered but not sent, to see whether the peer acknowledges it nevertheless.
        case withheld
    }

    struct Slot {
        var offset: UInt64 = 0
        var length: UInt16 = 0
        var state = State.sent
        var isFIN = false
        var transmissions: UInt8 = 0
        /// Counts all transmissions of the connection, so that later ones can be distinguished from earlier ones.
        var order: UInt64 = 0
        var sentAt = Instant.zero
    }

    /// The oldest packet that is not acknowledged, or `next`.
    private(set) var first: UTPSequence
    /// The number of the next new packet.
    private(set) var next: UTPSequence
    /// Payload under way.
    private(set) var inFlight = 0
    /// Packets to be sent again.
    private(set) var lostCount = 0
    /// The one packet that is withheld.
    private(set) var withheld: UTPSequence?
    /// No byte follows; a FIN does.
    private(set) var isEnding = false
    private(set) var isFINSent = false

    var bytes = ByteRing()
    /// Where in the stream the next new packet begins.
    private(set) var packed: UInt64 = 0
    /// The latest transmission that arrived.
    var newestOrder: UInt64 = 0
    private var orders: UInt64 = 0
    private var slots: [Slot] = []
    private var resendHint: UTPSequence

    init(next: UTPSequence) {
        first = next
        self.next = next
        resendHint = next
    }

    /// Bytes that were never sent.
    var unsentByteCount: Int { Int(bytes.end - packed) }
    /// Packets from `first` up to `next`.
    var packetCount: Int { next.distance(from: first) }
    var isEmpty: Bool { packetCount == 0 }
    /// Whether a FIN was sent and all is acknowledged.
    var isFinished: Bool { isFINSent && isEmpty }
    var isFINDue: Bool { isEnding && !isFINSent && unsentByteCount == 0 }

    subscript(_ sequence: UTPSequence) -> Slot {
        get { slots[Int(sequence.number) & (slots.count - 1)] }
        set { slots[Int(sequence.number) & (slots.count - 1)] = newValue }
    }

    func contains(_ sequence: UTPSequence) -> Bool {
        (0..<packetCount).contains(sequence.distance(from: first))
    }

    mutating func end() { isEnding = true }

    /// Drops what was not sent; used when the connection ends abruptly.
    mutating func dropUnsent() { bytes.free(before: bytes.end) }

    /// Gives the next `length` bytes (a FIN where there are none) a number and a slot.
    mutating func pack(_ length: Int, isWithheld: Bool = false, at now: Instant) -> UTPSequence {
        if packetCount + 1 >= slots.count { grow() }
        let sequence = next
        next += 1
        orders += 1
        var slot = Slot(offset: packed, length: UInt16(length), sentAt: now)
        slot.order = orders
        slot.isFIN = length == 0
        slot.state = isWithheld ? .withheld : .sent
        slot.transmissions = isWithheld ? 0 : 1
        self[sequence] = slot
        packed += UInt64(length)
        if isWithheld { withheld = sequence } else { inFlight += length }
        if slot.isFIN { isFINSent = true }
        return sequence
    }

    /// The oldest packet that must be sent again; notes that it is.
    mutating func nextLost(at now: Instant) -> UTPSequence? {
        guard lostCount > 0 else { return nil }
        var sequence = first.distance(from: resendHint) > 0 ? first : resendHint
        while next.distance(from: sequence) > 0, self[sequence].state != .lost { sequence += 1 }
        guard next.distance(from: sequence) > 0 else {
            resendHint = first
            return nil
        }
        resendHint = sequence + 1
        orders += 1
        let order = orders
        setState(of: sequence, .sent)
        self[sequence].order = order
        self[sequence].sentAt = now
        self[sequence].transmissions = min(250, self[sequence].transmissions) + 1
        return sequence
    }

    /// Changes a slot's state and the counts that depend on it.
    mutating func setState(of sequence: UTPSequence, _ state: State) {
        let slot = self[sequence]
        guard slot.state != state else { return }
        if slot.state == .sent { inFlight -= Int(slot.length) }
        if slot.state == .lost { lostCount -= 1 }
        if slot.state == .withheld { withheld = nil }
        if state == .sent { inFlight += Int(slot.length) }
        if state == .lost {
            lostCount += 1
            if resendHint.distance(from: sequence) > 0 { resendHint = sequence }
        }
        self[sequence].state = state
    }

    /// Frees the oldest slot and its bytes. Requires that it is acknowledged.
    mutating func removeFirst() {
        let slot = self[first]
        bytes.free(before: slot.offset + UInt64(slot.length))
        first += 1
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: max(16, old.count * 2))
        var sequence = first
        while sequence != next {
            self[sequence] = old[Int(sequence.number) & (old.count - 1)]
            sequence += 1
        }
    }
}
