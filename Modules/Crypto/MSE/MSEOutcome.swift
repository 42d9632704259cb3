// SPDX-License-Identifier: Apache-2.0

/// The result of a successful handshake.
package struct MSEOutcome: ~Copyable, Sendable {
    /// The torrent's info-hash: the initiator's own, or the one that the responder looked up.
    package let skey: SHA1Digest
    /// How the rest of the stream is encrypted.
    package let method: MSEMethod
    /// What the peer has sent beyond the handshake, decrypted. The initiator's initial payload comes first.
    package let payload: [UInt8]
    /// Decrypts what arrives after `payload`. Use it only if `method` is RC4.
    package var inbound: RC4
    /// Encrypts what follows the last bytes of the handshake. Use it only if `method` is RC4.
    package var outbound: RC4
}
