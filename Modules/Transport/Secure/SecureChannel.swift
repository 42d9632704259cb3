// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What lies between a connection's bytes and BitTorrent's: a handshake, then sealing and opening. Pure, and mutated in
/// place.
///
/// ```
/// init ─▶ handleHandshake, until `outcome` is there ─▶ open, seal
/// ```
/// Each connection owns one, on its loop. Nothing that the other side sends traps. After an error the connection is
/// closed, and the channel is asked nothing more. `checkSecureChannel` in RucheTesting holds a conformer to all this.
public protocol SecureChannel: ~Copyable, SendableMetatype {
    /// The kind.
    static var kind: ChannelKind { get }
    /// The most bytes that the other side's handshake has. When more have come without an outcome, the channel has failed.
    static var handshakeByteLimit: Int { get }

    /// Says whether a connection that somebody else opened may begin with `first`. The answer to more of the same bytes
    /// may change only from `needsMore`.
    static func recognise(_ first: ByteBuffer) -> ChannelRecognition

    /// Begins a handshake; an initiator may leave its first bytes in the batch's output.
    init(_ setup: ChannelSetup, in batch: inout ChannelBatch)

    /// What the handshake led to; nil while it runs.
    var outcome: ChannelOutcome? { get }

    /// Handles any number of bytes, and takes from `input` what belongs to the handshake. Called until there is an outcome.
    ///
    /// - Throws: `TransportError` with the code `.encryptionFailed` or `.encryptionRequired`.
    mutating func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) throws(TransportError)

    /// Returns plaintext that has come, and takes its bytes from `input`; nil once that is empty. Called only after the
    /// outcome, and then until it returns nil.
    ///
    /// The bytes of `input` are the channel's: it may overwrite them. An unfinished record it keeps itself, one at most.
    ///
    /// - Throws: `TransportError` with the code `.encryptionFailed`, if the bytes are not what the other side sealed.
    mutating func open(_ input: inout ByteBuffer) throws(TransportError) -> ByteBuffer?

    /// Appends `plain` to `sealed` as the other side must get it. Called only after the outcome. `plain` stays as it is: the
    /// caller may keep it, such as a cached piece.
    mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer)
}
