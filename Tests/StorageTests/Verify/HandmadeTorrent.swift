// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheWire

/// A handmade torrent, with a tree written as directly as BEP 52 describes it, to compare with the real one.
struct HandmadeTorrent {
    enum Kind: CaseIterable { case v1, v2, hybrid }

    let info: TorrentInfo
    let layers: [SHA256Digest: [SHA256Digest]]
    /// The piece space, including padding.
    let space: [UInt8]

    /// Creates files from their contents. With `alignsFiles`, as always for v2 and hybrid, each starts on a piece.
    init(_ kind: Kind, pieceLength: Int, files contents: [[UInt8]], alignsFiles: Bool = true) {
        var space: [UInt8] = []
        var files: [FileEntry] = []
        var padding: [PieceIndex: UInt32] = [:]
        var layers: [SHA256Digest: [SHA256Digest]] = [:]
        for (index, content) in contents.enumerated() {
            let pad = alignsFiles ? (pieceLength - space.count % pieceLength) % pieceLength : 0
            if pad > 0 {
                padding[PieceIndex(space.count / pieceLength)] = UInt32(pad)
                files.append(FileEntry(path: ["t", ".pad", "\(pad)"], size: pad, offset: space.count, isPadding: true))
                space += [UInt8](repeating: 0, count: pad)
            }
            var file = FileEntry(path: ["t", "\(index)"], size: content.count, offset: space.count)
            if kind != .v1, !content.isEmpty {
                let tree = PlainTree(content, pieceLength: pieceLength)
                file.root = tree.root
                if content.count > pieceLength { layers[tree.root] = tree.pieceLayer }
            }
            files.append(file)
            space += content
        }
        let pieces = stride(from: 0, to: space.count, by: pieceLength).flatMap {
            SHA1.hash(Array(space[$0..<min($0 + pieceLength, space.count)])).bytes
        }
        info = TorrentInfo(
            bytes: [],
            hashes: InfoHashes(v1: kind == .v2 ? nil : SHA1Digest(), v2: kind == .v1 ? nil : SHA256Digest())!,
            name: "t",
            isSingleFile: false,
            geometry: PieceGeometry(pieceLength: pieceLength, totalSize: space.count, padding: padding),
            files: files,
            pieceHashes: kind == .v2 ? PieceHashes() : PieceHashes(bytes: pieces)!,
            isPrivate: false
        )
        self.layers = layers
        self.space = space
    }

    var verifier: any PieceDigestVerifier { info.makeVerifier(layers: PieceLayers(layers)) }

    /// Returns the data of `piece`, without padding.
    func data(_ piece: PieceIndex) -> [UInt8] {
        let start = piece.int * info.geometry.pieceLength
        return Array(space[start..<start + info.geometry.dataByteCount(of: piece)])
    }
}

/// A BEP 52 tree by definition: a power of two leaves, joined two by two.
struct PlainTree {
    let root: SHA256Digest
    let pieceLayer: [SHA256Digest]

    init(_ bytes: [UInt8], pieceLength: Int) {
        var row = stride(from: 0, to: bytes.count, by: Block.byteCount).map {
            SHA256.hash(Array(bytes[$0..<min($0 + Block.byteCount, bytes.count)]))
        }
        while row.count.nonzeroBitCount != 1 { row.append(SHA256Digest()) }
        var covered = Block.byteCount
        var pieceLayer: [SHA256Digest] = []
        while true {
            if covered == pieceLength { pieceLayer = Array(row[..<((bytes.count - 1) / pieceLength + 1)]) }
            if row.count == 1 { break }
            row = stride(from: 0, to: row.count, by: 2).map { SHA256.hash(row[$0].bytes + row[$0 + 1].bytes) }
            covered *= 2
        }
        root = row[0]
        self.pieceLayer = pieceLayer
    }
}

extension PieceVerifier {
    /// Returns the verdict on bytes split into chunks of `chunkSize`.
    func verdict(on piece: PieceIndex, _ bytes: [UInt8], chunkSize: Int = .max) -> PieceVerdict {
        bytes.withUnsafeBytes { all in
            var chunks: [UnsafeRawBufferPointer] = []
            var rest = all[...]
            while !rest.isEmpty {
                chunks.append(UnsafeRawBufferPointer(rebasing: rest.prefix(chunkSize)))
                rest = rest.dropFirst(chunkSize)
            }
            return verdict(on: piece, chunks: chunks)
        }
    }
}

/// Returns bytes that differ from place to place.
func patternBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return generator.bytes(count)
}
