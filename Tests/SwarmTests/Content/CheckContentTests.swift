// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Checks of contents")
struct CheckContentTests {
    private let key: Ed25519.PrivateKey
    private let records: [[UInt8]]

    init() {
        var random = SeededRandom(seed: 5)
        key = Ed25519.PrivateKey(using: &random)
        records = (0..<24).map { _ in random.nextBytes(count: 16_384) }
    }

    @Test("A signed log obeys the rules", arguments: 1...2 as ClosedRange<UInt64>)
    func log(seed: UInt64) throws {
        let commands = records.map { SignedLog.Command.append($0) } + [.finish([1, 2, 3])]
        let findings = try checkContent(
            author: SignedLog(signedWith: key, pieceLength: 16_384),
            follower: SignedLog(of: key.publicKey, pieceLength: 16_384),
            commands: commands,
            messages: [[0, 0, 0, 0, 9], [1] + [UInt8](repeating: 7, count: 105)],
            seed: seed
        )
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("Its verifier obeys the rules for verifiers")
    func verifier() async {
        let verifier = DigestListVerifier(records.map { (SHA256.hash($0), $0.count) })
        #expect(await checkPieceVerifier(verifier, pieces: records).isEmpty)
    }

    @Test("A shape that shrinks is found, and so are followers that get nothing")
    func shrinking() throws {
        let findings = try checkContent(
            author: Shrinking(),
            follower: Shrinking(),
            commands: [3, 2, 4]
        )
        #expect(findings.contains { $0.contains("broke its rules") }, "\(findings)")
        #expect(findings.contains { $0.contains("never got") }, "\(findings)")
    }
}

/// Has as many pieces as the test sets, and tells no peer.
private struct Shrinking: Content {
    typealias Command = Int

    static let name: ExtensionName = "rt_shrinking"
    let hashes = InfoHashes(v1: SHA1.hash([9]))
    var shape = ContentShape(pieceLength: 16_384)
    var verifier: any PieceVerifier { NoPieceVerifier() }

    mutating func handle(_ count: Int, in batch: inout ExtensionBatch<Self>) { shape.byteCount = count * 16_384 }
    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {}
}
