// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite(.enabled(if: ConformanceFolder.root != nil, ConformanceFolder.isMissing))
struct WycheproofTests {
    private struct AEADCase: Decodable {
        let tcId: Int
        let key, iv, aad, msg, ct, tag, result: String
    }

    @Test(arguments: [("chacha20_poly1305.json", ChaChaPoly.Variant.ietf), ("xchacha20_poly1305.json", .extended)])
    func authenticatedEncryption(file: String, variant: ChaChaPoly.Variant) throws {
        let vectors = try Wycheproof<AEADCase>.load(file)
        var count = 0
        for test in vectors.testGroups.flatMap(\.tests) {
            count += 1
            let key = SecretBytes(copying: try #require(Hex.decode(test.key)))
            let nonce = try #require(Hex.decode(test.iv))
            let associated = try #require(Hex.decode(test.aad))
            let message = try #require(Hex.decode(test.msg))
            let box = try #require(Hex.decode(test.ct + test.tag))
            let cipher = try ChaChaPoly(key: key, variant: variant)
            let opened = try? cipher.opened(box, nonce: nonce, associated: associated)
            #expect(opened == (test.result == "valid" ? message : nil), "\(file) \(test.tcId)")
            if test.result == "valid" {
                let sealed = try cipher.sealed(message, nonce: nonce, associated: associated)
                #expect(sealed == box, "\(file) \(test.tcId)")
            }
        }
        #expect(count == vectors.numberOfTests)
    }

    private struct SignatureCase: Decodable {
        let tcId: Int
        let msg, sig, result: String
    }

    @Test func ed25519() throws {
        let vectors = try Wycheproof<SignatureCase>.load("ed25519.json")
        var count = 0
        for group in vectors.testGroups {
            let publicKey = try #require(Ed25519.PublicKey(hex: group.publicKey?.pk ?? ""))
            for test in group.tests {
                count += 1
                let message = try #require(Hex.decode(test.msg))
                let signature = Ed25519.Signature(hex: test.sig)
                let isValid = signature.map { Ed25519.isValid($0, for: message, by: publicKey) } ?? false
                #expect(isValid == (test.result == "valid"), "ed25519 \(test.tcId)")
            }
        }
        #expect(count == vectors.numberOfTests)
    }

    private struct AgreementCase: Decodable {
        let tcId: Int
        let `public`, `private`, shared, result: String
        let flags: [String]
    }

    /// "acceptable" cases have unusual public keys, but must be computed. Keys that give a zero secret must be
    /// rejected.
    @Test func x25519() throws {
        let vectors = try Wycheproof<AgreementCase>.load("x25519.json")
        var count = 0
        for test in vectors.testGroups.flatMap(\.tests) {
            count += 1
            let publicKey = try #require(X25519.PublicKey(hex: test.public))
            let secret = SecretBytes(copying: try #require(Hex.decode(test.private)))
            let privateKey = try X25519.PrivateKey(secret)
            let shared = try? privateKey.sharedSecret(with: publicKey)
            let expected = test.flags.contains("ZeroSharedSecret") ? nil : Hex.decode(test.shared)
            #expect(shared?.exposed == expected, "x25519 \(test.tcId)")
        }
        #expect(count == vectors.numberOfTests)
    }

    private struct DerivationCase: Decodable {
        let tcId, size: Int
        let ikm, salt, info, okm, result: String
    }

    @Test func hkdfSHA256() throws {
        let vectors = try Wycheproof<DerivationCase>.load("hkdf_sha256.json")
        var count = 0
        for test in vectors.testGroups.flatMap(\.tests) {
            count += 1
            let derived = try? HKDFSHA256.derive(
                from: SecretBytes(copying: try #require(Hex.decode(test.ikm))),
                salt: try #require(Hex.decode(test.salt)),
                info: try #require(Hex.decode(test.info)),
                count: test.size
            )
            let expected = test.result == "valid" ? Hex.decode(test.okm) : nil
            #expect(derived?.exposed == expected, "hkdf \(test.tcId)")
        }
        #expect(count == vectors.numberOfTests)
    }
}
