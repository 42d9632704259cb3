// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// What we send: bytes not yet in packets, and a ring of unacknowledged packets, by their numbers.
///
/// Owner: `UTPConnection`. Invariants: every packet from `first` to before `next` has a slot; `inFlight` is the payload
/// of all slots that are `.sent`.
struct SendQueue {
    enum State: UInt8 {
        /// Under way.
        case sent
        /// Must be sent again.
        case lost
        /// The peer has it, but not all packets before it.
        case acknowledged
        /// Numbered but not sent, to test whether the peer acknowledges it anyway.
        case withheld
    }

    struct Slot {
        var offset: UInt64 = 0
        var length: UInt16 = 0
        var state = State.sent
        var isFIN = false
        var transmissions: UInt8 = 0
        /// Counts all transmissions of the connection, to tell later ones from earlier ones.
        var order: UInt64 = 0
        var sentAt = Instant.zero
    }

    /// The oldest unacknowledged packet, or `next`.
    private(set) var first: UTPSequence
    /// The number of the next new packet.
    private(set) var next: UTPSequence
    /// Payload bytes under way.
    private(set) var inFlight = 0
    /// Packets that must be sent again.
    private(set) var lostCount = 0
    /// The packet that is withheld, if any.
    private(set) var withheld: UTPSequence?
    /// Whether no bytes follow, only a FIN.
    private(set) var isEnding = false
    private(set) var isFINSent = false

    var bytes = ByteRing()
    /// The offset in the stream of the next new packet.
    private(set) var packed: UInt64 = 0
    /// The newest transmission that arrived.
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
    /// Packets from `first` to before `next`.
    var packetCount: Int { next.distance(from: first) }
    var isEmpty: Bool { packetCount == 0 }
    /// Whether a FIN was sent and everything is acknowledged.
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

    /// Gives the next `length` bytes, or a FIN if there are none, a number and a slot.
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

    /// Returns the oldest packet that must be sent again, and marks it as sent.
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

    /// Frees the oldest slot and its bytes. It must be acknowledged.
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
