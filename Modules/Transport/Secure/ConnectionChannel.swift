// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The secure channel of one connection, of any kind. It is called once per read and write, never per block.
///
/// Owner: the connection, on one loop at a time.
package protocol ConnectionChannel: AnyObject, Sendable {
    /// `SecureChannel.outcome`.
    var outcome: ChannelOutcome? { get }
    /// `SecureChannel.handleHandshake`.
    func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) throws(TransportError)
    /// `SecureChannel.open`.
    func open(_ input: inout ByteBuffer) throws(TransportError) -> ByteBuffer?
    /// `SecureChannel.seal`.
    func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer)
}

/// Holds a channel and mutates it in place, on one loop at a time, as its protocol requires.
final class ChannelBox<Channel: SecureChannel & ~Copyable>: ConnectionChannel, @unchecked Sendable {  // see above
    private var channel: Channel

    init(_ channel: consuming Channel) { self.channel = channel }

    var outcome: ChannelOutcome? { channel.outcome }

    func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) throws(TransportError) {
        try channel.handleHandshake(&input, in: &batch)
    }

    func open(_ input: inout ByteBuffer) throws(TransportError) -> ByteBuffer? { try channel.open(&input) }

    func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer) { channel.seal(plain, into: &sealed) }
}
