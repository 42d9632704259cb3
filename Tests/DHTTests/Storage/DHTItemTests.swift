// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct DHTItemTests {
    /// The public key of BEP 44's vectors.
    private let key = Ed25519.PublicKey(hex: "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548")

    /// BEP 44, "Test Vectors" 1 and 2.
    @Test(
        arguments: [
            (
                "", "3:seqi1e1:v12:Hello World!", "4a533d47ec9c7d95b1ad75f576cffc641853b750",
                "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
                    + "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01"
            ),
            (
                "foobar", "4:salt6:foobar3:seqi1e1:v12:Hello World!", "411eba73b6f087ca51a3795d9c8c938d365e32c1",
                "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
                    + "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08"
            ),
        ]
    )
    func mutableVectors(salt: String, signed: String, target: String, signature: String) throws {
        let salt = Array(salt.utf8)
        let value = Array("12:Hello World!".utf8)
        let author = DHTItem.Author(
            key: try #require(key),
            salt: salt,
            sequence: 1,
            signature: try #require(Ed25519.Signature(hex: signature))
        )
        let item = try DHTItem(encodedValue: value, author: author)
        #expect(DHTItem.signedBytes(value: value, salt: salt, sequence: 1) == Array(signed.utf8))
        #expect(item.target.description == target)
        #expect(item.isGenuine)
        #expect(item.decoded == "Hello World!")
        let later = DHTItem.Author(key: author.key, salt: salt, sequence: 2, signature: author.signature)
        #expect(throws: DHTError.self) { try DHTItem(encodedValue: value, author: later) }
    }

    /// BEP 44, "Test Vectors" 3.
    @Test func immutableVector() throws {
        let item = try DHTItem("Hello World!")
        #expect(item.value == Array("12:Hello World!".utf8))
        #expect(item.target.description == "e5f96f6f38320f0f33959cb4d3d656452117aadb")
    }

    @Test func itemsAreBounded() throws {
        var random = SeededRandom(seed: 1)
        let author = Ed25519.PrivateKey(using: &random)
        let most = BencodeValue.string(Array(repeating: 1, count: 996))
        #expect(try DHTItem(most).value.count == 1_000)
        #expect(throws: DHTError.self) { try DHTItem(.string(Array(repeating: 1, count: 997))) }
        #expect(try DHTItem("x", by: author, salt: Array(repeating: 1, count: 64), sequence: 0).isGenuine)
        #expect(throws: DHTError.self) {
            try DHTItem("x", by: author, salt: Array(repeating: 1, count: 65), sequence: 0)
        }
        #expect(throws: DHTError.self) { try DHTItem("x", by: author, sequence: -1) }
        #expect(throws: DHTError.self) { try DHTItem(encodedValue: Array("i1".utf8), author: nil) }
    }

    /// A response counts only if it matches its target.
    @Test func answersAreChecked() throws {
        var random = SeededRandom(seed: 2)
        let (author, other) = (Ed25519.PrivateKey(using: &random), Ed25519.PrivateKey(using: &random))
        let item = try DHTItem("x", by: author, salt: [1], sequence: 3)
        let proof = try #require(item.author)
        var response = KRPCResponse(from: NodeID(using: &random))
        response.value = item.value
        response.key = proof.key
        response.signature = proof.signature
        response.sequence = proof.sequence
        #expect(response.item(at: item.target, salt: [1]) == item)
        #expect(response.item(at: item.target, salt: [2]) == nil)
        response.sequence = 4
        #expect(response.item(at: item.target, salt: [1]) == nil)
        response.sequence = 3
        response.key = other.publicKey
        #expect(response.item(at: item.target, salt: [1]) == nil)
    }
}
