// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

struct ChaCha20Tests {
    private let key = SecretBytes(copying: (0..<32).map { UInt8($0) })
    private let nonce: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0]

    private func apply(_ bytes: [UInt8], at offset: Int) throws -> [UInt8] {
        let cipher = try ChaCha20(key: key)
        var bytes = bytes
        try bytes.withUnsafeMutableBytes { try cipher.apply(to: $0, nonce: nonce, offset: offset) }
        return bytes
    }

    /// RFC 8439, section 2.4.2: the message begins with the second block.
    @Test func exampleOfTheStandard() throws {
        let message =
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
        let sealed = try apply(Array(message.utf8), at: 64)
        let expected = """
            6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab\
            8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42\
            874d
            """
        #expect(Hex.encode(sealed) == expected)
    }

    @Test func everySpanIsPartOfTheWhole() throws {
        let whole = try apply([UInt8](repeating: 0, count: 500), at: 0)
        for (offset, count) in [(0, 0), (0, 1), (1, 62), (1, 63), (63, 2), (64, 64), (70, 10), (100, 400), (499, 1)] {
            let part = try apply([UInt8](repeating: 0, count: count), at: offset)
            #expect(part == Array(whole[offset..<offset + count]), "\(count) bytes at \(offset)")
        }
        #expect(Set(whole).count > 100)
    }

    @Test func theEndOfTheStreamIsAnError() throws {
        #expect(try apply([1], at: ChaCha20.streamByteCount - 1).count == 1)
        for (offset, count) in [(ChaCha20.streamByteCount - 1, 2), (-1, 1), (Int.max, 1)] {
            let error = #expect(throws: CryptoError.self) { try apply([UInt8](repeating: 0, count: count), at: offset) }
            #expect(error?.code == .badOutputSize)
        }
        #expect(throws: CryptoError.self) { try ChaCha20(key: SecretBytes(copying: [1])) }
    }
}
