// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The receiving half of one connection: a handshake, then messages.
///
/// Each connection owns one, in its driver. It keeps the start of a split handshake (at most 67 bytes) or what its
/// framer keeps, so the receive buffer can be reused after each call.
///
///     ──▶ expectingPreamble ── 48 bytes ──▶ expectingPeerID ── 68 bytes ──▶ framing
package struct PeerLink: Sendable {
    /// What the next bytes of the stream are.
    package enum Output {
        /// The part of the handshake that a reply needs; first, and once.
        case preamble(Handshake.Preamble)
        /// The handshake; second, and once.
        case handshake(Handshake)
        /// A message or part of one; everything after the handshake.
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

    /// Whether no part of a further message has arrived yet.
    package var isBetweenMessages: Bool {
        switch state {
        case .expectingPreamble(let held): held.readableBytes == 0
        case .expectingPeerID: false
        case .framing: framer.isBetweenMessages
        }
    }

    /// Requires every later `bitfield` to have exactly the number of bytes that `count` pieces need.
    package mutating func setPieceCount(_ count: Int) { framer.setPieceCount(count) }

    /// Returns the next output; nil once `input` is consumed.
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
    /// Moves bytes from `input` until this buffer has `count`.
    fileprivate mutating func fill(upTo count: Int, from input: inout ByteBuffer) {
        let missing = max(0, count - readableBytes)
        if var more = input.readSlice(length: min(missing, input.readableBytes)) { writeBuffer(&more) }
    }
}
