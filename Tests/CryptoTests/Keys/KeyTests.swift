// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct KeyTests {
    /// RFC 8032, section 7.1, tests 1 to 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0"
                + "595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eae"
                + "b4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9"
                + "716ed28dc027beceea1ec40a"
        ),
    ])
    func ed25519VectorsOfRFC8032(seed: String, publicKey: String, message: String, signature: String) throws {
        let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: try #require(Hex.decode(seed))))
        let message = try #require(Hex.decode(message))
        #expect(key.publicKey.description == publicKey)
        let made = key.signature(for: message)
        #expect(made.description == signature)
        #expect(Ed25519.isValid(made, for: message, by: key.publicKey))
        #expect(!Ed25519.isValid(made, for: message + [0], by: key.publicKey))
        #expect(!Ed25519.isValid(Ed25519.Signature(), for: message, by: key.publicKey))
    }

    @Test func keysOfOtherSizesAreRefused() {
        for count in [0, 31, 33, 64] {
            let bytes = SecretBytes(copying: [UInt8](repeating: 1, count: count))
            let error = CryptoError.wrongKeySize(count, expected: 32)
            #expect(throws: error) { try Ed25519.PrivateKey(seed: bytes) }
            #expect(throws: error) { try X25519.PrivateKey(bytes) }
            #expect(throws: error) { try ChaChaPoly(key: bytes) }
        }
    }

    @Test func bothSidesAgreeOnASecret() throws {
        var random = SecureRandom()
        let alice = X25519.PrivateKey(using: &random)
        let bob = X25519.PrivateKey(using: &random)
        #expect(try alice.sharedSecret(with: bob.publicKey) == bob.sharedSecret(with: alice.publicKey))
        #expect(alice.publicKey != bob.publicKey)
        #expect(throws: CryptoError.lowOrderPoint) { try alice.sharedSecret(with: X25519.PublicKey()) }
    }

    @Test func everyBitOfABoxIsAuthenticated() throws {
        let cipher = try ChaChaPoly(key: SecretBytes(copying: Array(UInt8(0)..<32)))
        let nonce = [UInt8](repeating: 9, count: 12)
        let box = try cipher.sealed([1, 2, 3], nonce: nonce, associated: [4])
        #expect(try cipher.opened(box, nonce: nonce, associated: [4]) == [1, 2, 3])
        for bit in 0..<box.count * 8 {
            var bad = box
            bad[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptoError.authenticationFailed) { try cipher.opened(bad, nonce: nonce, associated: [4]) }
        }
        for count in 0..<box.count {
            #expect(throws: CryptoError.authenticationFailed) {
                try cipher.opened(Array(box.prefix(count)), nonce: nonce, associated: [4])
            }
        }
        #expect(throws: CryptoError.authenticationFailed) { try cipher.opened(box, nonce: nonce) }
        #expect(throws: CryptoError.wrongNonceSize(24, expected: 12)) {
            try cipher.sealed([], nonce: nonce + nonce)
        }
    }

    /// RFC 4231, cases 1, 2 and 6 (a key longer than a block).
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmacVectorsOfRFC4231(key: [UInt8], message: String, expected: String) {
        var hmac = HMACSHA256(key: SecretBytes(copying: key))
        for byte in message.utf8 { hmac.update([byte]) }
        #expect(hmac.finish().description == expected)
    }

    /// RFC 7693, appendix A; the other digests were computed by an independent implementation.
    @Test func blake2b() throws {
        let abc = Array("abc".utf8)
        #expect(
            Hex.encode(try BLAKE2b.hash(abc, outputByteCount: 64))
                == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
        )
        #expect(
            Hex.encode(try BLAKE2b.hash(abc)) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        )
        #expect(try BLAKE2b.hash(abc, outputByteCount: 1) == [0x6b])
        let key = SecretBytes(copying: Array(UInt8(0)..<64))
        var keyed = try BLAKE2b(outputByteCount: 20, key: key)
        for byte in UInt8(0)..<200 { keyed.update([byte]) }
        let digest = keyed.finish()
        #expect(Hex.encode(digest) == "3062d119dcb83127970108ee465de20670c8e8e9")
        for count in [-1, 0, 65] {
            #expect(throws: CryptoError.badOutputSize(count, allowed: 1...64)) {
                try BLAKE2b.hash(abc, outputByteCount: count)
            }
        }
        #expect(throws: CryptoError.wrongKeySize(65, expected: 64)) {
            try BLAKE2b.hash(abc, key: SecretBytes(copying: [UInt8](repeating: 0, count: 65)))
        }
    }

    @Test func secretsAreComparedAndNeverShown() {
        let secret = SecretBytes(copying: [1, 2, 3])
        #expect(secret == SecretBytes(copying: [1, 2, 3]))
        #expect(secret != SecretBytes(copying: [1, 2, 4]))
        #expect(secret != SecretBytes(copying: [1, 2]))
        #expect(SecretBytes(copying: []) == SecretBytes(copying: [UInt8]()))
        #expect("\(secret)" == "SecretBytes(3 bytes)")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("storage"))
        #expect(ConstantTime.areEqual([1, 2], [1, 2]))
        #expect(!ConstantTime.areEqual([1, 2], [1, 3]))
        #expect(!ConstantTime.areEqual([1, 2], [1]))
        #expect(ConstantTime.areEqual([], []))
    }

    @Test func outputBeyondHKDFsLimitIsRefused() {
        let key = SecretBytes(copying: [1])
        for count in [-1, HKDFSHA256.maximumOutputByteCount + 1, .max] {
            #expect(throws: CryptoError.badOutputSize(count, allowed: 0...8160)) {
                try HKDFSHA256.expand(key, info: [], count: count)
            }
        }
    }
}
