// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheWire
import Testing

@Suite struct PieceVerifierTests {
    private static let pieceLength = 64 * 1024
    /// One byte, around a block, around a piece, several pieces, none at all.
    private static let sizes = [1, 16_384, 16_385, 65_535, 65_536, 65_537, 0, 200_000, 40_000]

    private static func makeTorrent(_ kind: HandmadeTorrent.Kind) -> HandmadeTorrent {
        let files = sizes.enumerated().map { patternBytes($1, seed: UInt64($0 + 1)) }
        return HandmadeTorrent(kind, pieceLength: pieceLength, files: files)
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases, [16_384, 32_768, 1_000, .max])
    func rightDataIsRight(kind: HandmadeTorrent.Kind, chunkSize: Int) {
        let torrent = Self.makeTorrent(kind)
        let verifier = torrent.verifier
        for index in 0..<torrent.info.geometry.pieceCount {
            let piece = PieceIndex(index)
            #expect(verifier.verdict(on: piece, torrent.data(piece), chunkSize: chunkSize) == .right, "piece \(piece)")
        }
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func oneFlippedBitIsWrongAndItsBlockIsKnown(kind: HandmadeTorrent.Kind) {
        let torrent = Self.makeTorrent(kind)
        let verifier = torrent.verifier
        for index in 0..<torrent.info.geometry.pieceCount {
            let piece = PieceIndex(index)
            let good = torrent.data(piece)
            let place = good.count * 2 / 3
            var bad = good
            bad[place] ^= 4
            guard case .wrong(let leaves) = verifier.verdict(on: piece, bad) else {
                Issue.record("piece \(piece) passed with a flipped bit")
                continue
            }
            guard kind != .v1 else {
                #expect(leaves.isEmpty)
                continue
            }
            let blocks = stride(from: 0, to: good.count, by: Block.byteCount)
            let trueLeaves = blocks.map { SHA256.hash(Array(good[$0..<min($0 + Block.byteCount, good.count)])) }
            let badBlocks = zip(leaves, trueLeaves).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
            #expect(leaves.count == trueLeaves.count)
            #expect(badBlocks == [place / Block.byteCount])
        }
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func shortAndLongDataAreWrong(kind: HandmadeTorrent.Kind) {
        let torrent = Self.makeTorrent(kind)
        for index in 0..<torrent.info.geometry.pieceCount {
            let piece = PieceIndex(index)
            let data = torrent.data(piece)
            for bytes in [Array(data.dropLast()), data + [0], [], data + data + data + data + data] {
                guard case .wrong = torrent.verifier.verdict(on: piece, bytes) else {
                    Issue.record("\(bytes.count) bytes passed for \(data.count) of piece \(piece)")
                    continue
                }
            }
        }
    }

    @Test func paddingAtTheEndIsHashedByV1Only() {
        let torrent = HandmadeTorrent(.hybrid, pieceLength: 65_536, files: [patternBytes(5), patternBytes(7, seed: 2)])
        #expect(torrent.info.geometry.dataByteCount(of: PieceIndex(0)) == 5)
        #expect(torrent.verifier.recipe(for: PieceIndex(0)).paddingByteCount == 65_531)
        #expect(torrent.verifier.recipe(for: PieceIndex(1)).paddingByteCount == 0)
        #expect(torrent.verifier.verdict(on: PieceIndex(0), torrent.data(PieceIndex(0))) == .right)
    }

    @Test func v1PiecesMayHoldSeveralFiles() {
        let files = [patternBytes(10), patternBytes(70_000, seed: 2), patternBytes(3, seed: 3)]
        let torrent = HandmadeTorrent(.v1, pieceLength: 20_000, files: files, alignsFiles: false)
        for index in 0..<torrent.info.geometry.pieceCount {
            #expect(torrent.verifier.verdict(on: PieceIndex(index), torrent.data(PieceIndex(index))) == .right)
        }
    }

    @Test func unknownPieceLayersLeaveTheQuestionOpen() {
        let torrent = Self.makeTorrent(.v2)
        let verifier = torrent.info.makeVerifier()
        let large = Set(torrent.info.files.filter { $0.size > Self.pieceLength }.map(\.root))
        for file in torrent.info.files where file.root != nil {
            let piece = PieceIndex(file.offset / Self.pieceLength)
            let expected = large.contains(file.root) ? PieceVerdict.unknown : .right
            #expect(verifier.verdict(on: piece, torrent.data(piece)) == expected, "\(file.size) bytes")
        }
    }

    @Test func piecesBecomeKnownAsTheirLayersArrive() throws {
        let torrent = Self.makeTorrent(.v2)
        let file = try #require(torrent.info.files.first { $0.size == 200_000 })
        let root = try #require(file.root)
        let layer = try #require(torrent.layers[root])
        let first = file.offset / Self.pieceLength
        var layers = PieceLayers()
        layers.insert(Array(layer[1...2]), at: 1, of: root, pieceCount: layer.count)
        #expect(layers.layer(of: root) == nil)
        let verifier = torrent.info.makeVerifier(layers: layers)
        let verdicts = (first..<first + 4).map { verifier.verdict(on: PieceIndex($0), torrent.data(PieceIndex($0))) }
        #expect(verdicts == [.unknown, .right, .right, .unknown])
        layers.insert([layer[0]], at: 0, of: root, pieceCount: layer.count)
        layers.insert([layer[3], layer[0], layer[0]], at: 3, of: root, pieceCount: layer.count)
        layers.insert([layer[0]], at: 4, of: root, pieceCount: layer.count)
        #expect(layers.layer(of: root) == layer)
    }

    @Test func hybridWithoutLayersIsJudgedByV1() {
        let torrent = Self.makeTorrent(.hybrid)
        let verifier = torrent.info.makeVerifier()
        for index in 0..<torrent.info.geometry.pieceCount {
            let piece = PieceIndex(index)
            #expect(verifier.verdict(on: piece, torrent.data(piece)) == .right)
            guard case .wrong = verifier.verdict(on: piece, torrent.data(piece).map { ~$0 }) else {
                Issue.record("piece \(piece) passed")
                continue
            }
        }
    }

    @Test func hashesThatContradictEachOtherAreADisagreement() throws {
        let ours = HandmadeTorrent(.hybrid, pieceLength: 65_536, files: [patternBytes(100_000)])
        let others = HandmadeTorrent(.hybrid, pieceLength: 65_536, files: [patternBytes(100_000, seed: 2)])
        let mixed = HybridPieceVerifier(
            sha1: SHA1PieceVerifier(info: ours.info),
            merkle: try #require(MerklePieceVerifier(info: others.info, layers: PieceLayers(others.layers)))
        )
        for piece in [PieceIndex(0), PieceIndex(1)] {
            #expect(mixed.verdict(on: piece, ours.data(piece)) == .disagreement)
            #expect(mixed.verdict(on: piece, others.data(piece)) == .disagreement)
        }
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func aPieceBeyondTheEndIsNeverRight(kind: HandmadeTorrent.Kind) {
        let verifier = Self.makeTorrent(kind).verifier
        for piece in [PieceIndex(UInt32.max), PieceIndex(1_000)] {
            #expect(verifier.verdict(on: piece, [1, 2, 3]) == .unknown)
        }
    }
}
