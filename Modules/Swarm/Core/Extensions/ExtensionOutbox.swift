// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheTransport
internal import RucheWire

/// Messages of one extension that wait to be sent to one peer. Owner: `ExtensionEntries`. Memory: the extension's
/// `queuedByteCount`, or one message.
struct ExtensionOutbox {
    private var messages = Deque<[UInt8]>()
    /// Their size, including the overhead of each.
    private var byteCount = 0
    private var allowance: TokenBucket
    private let longest: Int
    /// A message was refused, and the extension has not been told since that there is room.
    private var hasRefused = false

    init(_ limits: ExtensionLimits, at now: Instant) {
        longest = ExtensionLimits.cost(of: limits.messageByteCount)
        allowance = TokenBucket(
            rateBytesPerSecond: limits.sentBytesPerSecond,
            burstBytes: max(limits.sentBytesPerSecond, longest),
            at: now
        )
    }

    var isEmpty: Bool { messages.isEmpty }

    /// Whether a message of any length would be sent at once, as far as the rate goes.
    mutating func isReady(at now: Instant) -> Bool {
        messages.isEmpty && allowance.nextAvailable(longest, at: now) <= now
    }

    /// Returns false if there is no room for the message.
    mutating func insert(_ message: [UInt8], limit: Int) -> Bool {
        let cost = ExtensionLimits.cost(of: message.count)
        guard messages.isEmpty || byteCount + cost <= limit else {
            hasRefused = true
            return false
        }
        messages.append(message)
        byteCount += cost
        return true
    }

    /// The next message, once the rate allows it.
    mutating func next(at now: Instant) -> [UInt8]? {
        guard let first = messages.first else { return nil }
        let cost = ExtensionLimits.cost(of: first.count)
        guard allowance.takeWhole(cost, at: now) else { return nil }
        byteCount -= cost
        return messages.removeFirst()
    }

    /// Whether the extension must be told that there is room again; once.
    mutating func takeNewsOfRoom() -> Bool {
        guard hasRefused, messages.isEmpty else { return false }
        hasRefused = false
        return true
    }

    /// Whether messages wait, or the extension waits for room.
    var isBusy: Bool { hasRefused || !messages.isEmpty }
}
