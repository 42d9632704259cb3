// SPDX-License-Identifier: Apache-2.0

/// What a finished handshake leaves to the connection.
public struct MSEOutcome: ~Copyable, Sendable {
    /// The torrent's info-hash, found by the responder.
    public let skey: SHA1Digest
    /// How the stream goes on.
    public let method: MSEMethod
    /// What the peer sent beyond the handshake, decrypted: the initiator's payload first.
    public let payload: [UInt8]
    /// Decrypts what comes after `payload`, if the method is RC4.
    public var inbound: RC4
    /// Encrypts what goes after the handshake's last bytes, if the method is RC4.
    public var outbound: RC4
}
