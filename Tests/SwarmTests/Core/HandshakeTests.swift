// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Handshakes")
struct HandshakeTests {
    private func bench(_ format: TorrentFormat) throws -> CoreBench {
        CoreBench(try VirtualTorrent(format, pieceLength: 16_384, fileSizes: [50_000], seed: 1), isSeed: true)
    }

    private func handshake(_ infoHash: SHA1Digest, _ capabilities: Handshake.Capabilities = []) -> Handshake {
        Handshake(capabilities: capabilities, infoHash: infoHash, peerID: .test(7))
    }

    @Test("48 bytes are enough for an answer, and the id may come later, byte by byte")
    func preamble() throws {
        let bench = try bench(.v1)
        let infoHash = bench.metainfo.info.hashes.wireHashes[0]
        var bytes = ByteBuffer()
        handshake(infoHash).encode(into: &bytes)
        var link = PeerLink()
        var answers: [Handshake?] = []
        var handshakes: [Handshake] = []
        for (index, byte) in bytes.readableBytesView.enumerated() {
            var input = ByteBuffer(bytes: [byte])
            while let output = try link.next(from: &input) {
                switch output {
                case .preamble(let preamble):
                    #expect(index == 47)
                    answers.append(bench.core.makeAnswer(to: preamble))
                case .handshake(let handshake):
                    #expect(index == 67)
                    handshakes.append(handshake)
                case .frame: Issue.record("no message was sent")
                }
            }
            #expect(!link.isBetweenMessages || index == 67)
        }
        #expect(answers.map { $0?.infoHash } == [infoHash] && answers[0]?.peerID == bench.core.identity.peerID)
        #expect(handshakes == [handshake(infoHash)])
    }

    @Test("A handshake for another torrent has no answer")
    func stranger() throws {
        let preamble = Handshake.Preamble(capabilities: [], infoHash: SHA1.hash([1]))
        #expect(try bench(.v1).core.makeAnswer(to: preamble) == nil)
    }

    @Test("A v1 handshake for a hybrid is answered with the v2 hash if the peer supports the upgrade")
    func upgrade() throws {
        let bench = try bench(.hybrid)
        let hashes = bench.metainfo.info.hashes
        let (v1, v2) = (try #require(hashes.v1), try #require(hashes.v2?.truncated))
        let cases: [(SHA1Digest, Handshake.Capabilities, SHA1Digest)] = [
            (v1, [], v1), (v1, .v2Upgrade, v2), (v2, [], v2), (v2, .v2Upgrade, v2),
        ]
        for (infoHash, capabilities, expected) in cases {
            let preamble = Handshake.Preamble(capabilities: capabilities, infoHash: infoHash)
            #expect(bench.core.makeAnswer(to: preamble)?.infoHash == expected)
            let handshake = handshake(infoHash, capabilities)
            #expect(bench.core.speaksV2(after: handshake, isIncoming: true) == (expected == v2))
            #expect(bench.core.speaksV2(after: handshake, isIncoming: false) == (infoHash == v2))
        }
    }
}
