// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

private typealias Samples = MetainfoSamples

/// The two halves of a hybrid must describe the same files, or it is rejected.
@Suite struct HybridTests {
    private static let tree: BencodeValue = [
        "a": Samples.treeFile(length: 5, root: 1), "b": Samples.treeFile(length: 6, root: 2),
    ]
    private static let gap = Int64(Samples.pieceLength - 5)
    private static let tail = Int64(Samples.pieceLength - 6)

    private static func padding(_ size: Int64) -> BencodeValue {
        Samples.file(".pad", String(size), length: .integer(size), extra: ["attr": "p"])
    }

    @Test(arguments: [
        [Samples.file("a"), padding(gap), Samples.file("b", length: 6)],
        [Samples.file("a"), padding(gap), Samples.file("b", length: 6), padding(tail)],
    ])
    func takesPaddingAtTheEndOrNone(files: [BencodeValue]) throws {
        let info = try parse(files)
        #expect(info.hashes.v1 != nil && info.hashes.v2 != nil)
        #expect(info.files.map { $0.root != nil } == files.indices.map { $0.isMultiple(of: 2) })
        #expect((0..<2).map { info.geometry.dataByteCount(of: PieceIndex(UInt32($0))) } == [5, 6])
    }

    @Test(arguments: [
        [Samples.file("a"), Samples.file("b", length: 6)],
        [Samples.file("a"), padding(gap - 1), Samples.file("b", length: 6)],
        [Samples.file("a"), padding(gap + Int64(Samples.pieceLength)), Samples.file("b", length: 6)],
        [Samples.file("b", length: 6), padding(gap - 1), Samples.file("a")],
        [Samples.file("a"), padding(gap), Samples.file("b", length: 7)],
        [Samples.file("a"), padding(gap), Samples.file("c", length: 6)],
        [Samples.file("a"), padding(gap)],
        [Samples.file("a"), padding(gap), Samples.file("b", length: 6), Samples.file("c", length: 0)],
        [Samples.file("a"), padding(gap), Samples.file("b", length: 6), padding(tail), padding(gap)],
        [Samples.file("a", length: .integer(.max)), Samples.file("b", length: .integer(.max))],
    ])
    func refusesHalvesThatDiffer(files: [BencodeValue]) {
        let error = #expect(throws: MetainfoError.self) { try parse(files) }
        #expect(error?.code == .hybridMismatch)
    }

    private func parse(_ files: [BencodeValue]) throws(MetainfoError) -> TorrentInfo {
        let pieces = BencodeValue.string([UInt8](repeating: 7, count: 40))
        return try Samples.parse(Samples.v2(tree: Self.tree, changing: ["files": .list(files), "pieces": pieces]))
    }
}
