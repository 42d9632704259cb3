// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Transforms the bytes of a connection: a handshake, then sealing and opening. Pure, and mutated in place.
///
/// ```
/// made by a ChannelOffer ─▶ handleHandshake, until there is an `outcome` ─▶ open, seal
/// ```
/// Each connection owns one, on its loop. No input traps. After an error the connection is closed, and no further calls
/// are made. `checkSecureChannel` in RucheTesting checks a conformer against all this.
public protocol SecureChannel: ~Copyable, SendableMetatype {
    /// The kind.
    static var kind: ChannelKind { get }
    /// The maximum length of the other side's handshake. If more bytes arrive without an outcome, the channel has
    /// failed.
    static var handshakeByteLimit: Int { get }

    /// Returns whether a connection that the other side opened may start with `first`. With more bytes the answer may
    /// change only from `needsMore`.
    static func recognise(_ first: ByteBuffer) -> ChannelRecognition

    /// The outcome of the handshake; nil while it runs.
    var outcome: ChannelOutcome? { get }

    /// Handles any number of bytes, and removes those of the handshake from `input`. Called until there is an outcome.
    ///
    /// - Throws: `TransportError` with the code `.encryptionFailed` or `.encryptionRequired`.
    mutating func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) throws(TransportError)

    /// Removes bytes from `input` and returns their plaintext; nil once it is empty. Called only after the outcome,
    /// until it returns nil.
    ///
    /// The channel owns the bytes of `input` and may overwrite them. It keeps an unfinished record itself, at most one.
    ///
    /// - Throws: `TransportError` with the code `.encryptionFailed`, if the bytes are not what the other side sealed.
    mutating func open(_ input: inout ByteBuffer) throws(TransportError) -> ByteBuffer?

    /// Appends `plain` to `sealed` in the form that the other side expects. Called only after the outcome. `plain` must
    /// not be changed, because the caller may keep it, for example as a cached piece.
    mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer)
}
