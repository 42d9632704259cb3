// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct DigestTests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
    ])
    func sha1VectorsOfFIPS180(message: String, expected: String) {
        #expect(SHA1.hash(Array(message.utf8)).description == expected)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256VectorsOfFIPS180(message: String, expected: String) {
        #expect(SHA256.hash(Array(message.utf8)).description == expected)
    }

    @Test func aMillionLettersInUnevenParts() {
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        var sha1 = SHA1()
        var sha256 = SHA256()
        for _ in 0..<1000 {
            for part in [letters[..<1], letters[1..<1], letters[1..<64], letters[64...]] {
                sha1.update(Array(part))
                sha256.update(Array(part))
            }
        }
        #expect(sha1.finish().description == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
        #expect(
            sha256.finish().description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
        #expect(sha1.finish() == SHA1.hash([]), "finish() resets the hash")
        #expect(sha256.finish() == SHA256.hash([]), "finish() resets the hash")
    }

    @Test func digestsRoundTripAndRefuseOtherLengths() throws {
        let bytes = Array(UInt8(1)...32)
        let long = try #require(SHA256Digest(bytes))
        #expect(long.bytes == bytes)
        #expect(SHA256Digest(hex: long.description) == long)
        #expect(long.truncated == SHA1Digest(bytes[..<20]))
        #expect(long.truncated.bytes == Array(bytes[..<20]))
        for count in [0, 19, 21, 31, 33] {
            let wrong = [UInt8](repeating: 0, count: count)
            #expect(SHA1Digest(wrong) == nil)
            #expect(SHA256Digest(wrong) == nil)
        }
        #expect(SHA1Digest(hex: "zz") == nil)
        #expect(Set([long, SHA256Digest(), long]).count == 2)
    }

    @Test func hexRoundTrips() {
        let all = Array(UInt8.min...UInt8.max)
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Hex.decode(Hex.encode(all).uppercased()) == all)
        #expect(Hex.encode([0x00, 0x9a, 0xff]) == "009aff")
        for bad in ["0", "0g", "g0", " 0", "é"] { #expect(Hex.decode(bad) == nil) }
    }
}
