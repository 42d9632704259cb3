// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The receiving half of one connection: a handshake, then messages.
///
/// Owner: one connection of one driver. It keeps the tail of a split handshake (at most 67 bytes) or what its framer
/// keeps, so a receive buffer is free again after each call.
///
///     ──▶ expectingPreamble ── 48 bytes ──▶ expectingPeerID ── 68 bytes ──▶ framing
package struct PeerLink: Sendable {
    /// What bytes turned out to be.
    package enum Output {
        /// First, and once: all of the handshake that an answer needs.
        case preamble(Handshake.Preamble)
        /// Second, and once.
        case handshake(Handshake)
        /// All that follows.
        case frame(MessageFramer.Output)
    }

    private enum State {
        case expectingPreamble(ByteBuffer)
        case expectingPeerID(ByteBuffer)
        case framing
    }

    private var state = State.expectingPreamble(ByteBuffer())
    private var framer = MessageFramer()

    package init() {}

    /// Whether nothing of a further message has come yet.
    package var isBetweenMessages: Bool {
        switch state {
        case .expectingPreamble(let held): held.readableBytes == 0
        case .expectingPeerID: false
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
        case .expectingPreamble(var held):
            held.fill(upTo: Handshake.Preamble.byteCount, from: &input)
            let preamble = try Handshake.peekPreamble(in: held)
            state = preamble == nil ? .expectingPreamble(held) : .expectingPeerID(held)
            return preamble.map(Output.preamble)
        case .expectingPeerID(var held):
            held.fill(upTo: Handshake.byteCount, from: &input)
            let handshake = try Handshake.read(from: &held)
            state = handshake == nil ? .expectingPeerID(held) : .framing
            return handshake.map(Output.handshake)
        }
    }
}

extension ByteBuffer {
    /// Takes bytes from `input` until there are `count`.
    fileprivate mutating func fill(upTo count: Int, from input: inout ByteBuffer) {
        let missing = max(0, count - readableBytes)
        if var more = input.readSlice(length: min(missing, input.readableBytes)) { writeBuffer(&more) }
    }
}
