// SPDX-License-Identifier: Apache-2.0

/// The values that MSE derives with SHA-1 from the shared secret S and the torrent's key SKEY.
enum MSEKeys {
    /// The first bytes of RC4 output reveal information about the key, so both sides discard them.
    static let discardedByteCount = 1024

    /// HASH('req1', S): marks the end of the initiator's first pad.
    static func synchronisation(_ secret: SecretBytes) -> SHA1Digest { hash("req1", secret) }

    /// HASH('req2', SKEY).
    static func lookupKey(_ skey: SHA1Digest) -> SHA1Digest { hash("req2", nil, skey) }

    /// `digest` xor HASH('req3', S): hides the lookup key on the wire. Applying it again recovers the key.
    static func mask(_ digest: SHA1Digest, _ secret: SecretBytes) -> SHA1Digest {
        var masked = digest
        hash("req3", secret).withUnsafeBytes { mask in
            masked.withUnsafeMutableBytes { bytes in
                for index in bytes.indices { bytes[index] ^= mask[index] }
            }
        }
        return masked
    }

    /// The cipher for what the initiator sends: HASH('keyA', S, SKEY).
    static func initiatorStream(_ secret: SecretBytes, _ skey: SHA1Digest) -> RC4 { stream("keyA", secret, skey) }

    /// The cipher for what the responder sends: HASH('keyB', S, SKEY).
    static func responderStream(_ secret: SecretBytes, _ skey: SHA1Digest) -> RC4 { stream("keyB", secret, skey) }

    private static func stream(_ label: String, _ secret: SecretBytes, _ skey: SHA1Digest) -> RC4 {
        RC4(key: hash(label, secret, skey).bytes, discarding: discardedByteCount)
    }

    private static func hash(_ label: String, _ secret: SecretBytes?, _ skey: SHA1Digest? = nil) -> SHA1Digest {
        var sha1 = SHA1()
        sha1.update(Array(label.utf8))
        secret?.withUnsafeBytes { sha1.update($0) }
        if let skey { sha1.update(skey) }
        return sha1.finish()
    }
}
