// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The receiving half of one connection: a handshake, then messages.
///
/// Owner: one connection of one driver. It keeps the tail of a split handshake (at most 67 bytes) or what its framer
/// keeps, so a receive buffer is free again after each call.
///
///     ──▶ handshaking ── 68 bytes ──▶ framing
package struct PeerLink: Sendable {
    /// What bytes turned out to be.
    package enum Output {
        /// First, and once.
        case handshake(Handshake)
        /// All that follows.
        case frame(MessageFramer.Output)
    }

    private enum State {
        case handshaking(ByteBuffer)
        case framing
    }

    private var state = State.handshaking(ByteBuffer())
    private var framer = MessageFramer()

    package init() {}

    /// Whether nothing of a further message has come yet.
    package var isBetweenMessages: Bool {
        switch state {
        case .handshaking(let held): held.readableBytes == 0
        case .framing: framer.isBetweenMessages
        }
    }

    /// From now on a bitfield must have exactly the bytes that `count` pieces need.
    package mutating func setPieceCount(_ count: Int) { framer.setPieceCount(count) }

    /// The next output; nil when `input` is used up.
    package mutating func next(from input: inout ByteBuffer) throws(PeerProtocolError) -> Output? {
        switch state {
        case .framing:
            guard let output = try framer.next(from: &input) else { return nil }
            return .frame(output)
        case .handshaking(var held):
            let missing = Handshake.byteCount - held.readableBytes
            if var more = input.readSlice(length: min(missing, input.readableBytes)) { held.writeBuffer(&more) }
            if let handshake = try Handshake.read(from: &held) {
                state = .framing
                return .handshake(handshake)
            }
            state = .handshaking(held)
            return nil
        }
    }
}
