// SPDX-License-Identifier: Apache-2.0

/// The result of a successful handshake.
public struct MSEOutcome: ~Copyable, Sendable {
    /// The torrent's info-hash: the initiator's own, or the one that the responder looked up.
    public let skey: SHA1Digest
    /// How the rest of the stream is encrypted.
    public let method: MSEMethod
    /// What the peer has sent beyond the handshake, decrypted. The initiator's initial payload comes first.
    public let payload: [UInt8]
    /// Decrypts what arrives after `payload`. Use it only if `method` is RC4.
    public var inbound: RC4
    /// Encrypts what follows the last bytes of the handshake. Use it only if `method` is RC4.
    public var outbound: RC4
}
