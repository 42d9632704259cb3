// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import RucheCrypto
public import RucheStorage
public import RucheWire

/// A torrent whose content is known in full: what a simulation shares, and compares its results with.
public struct VirtualTorrent: Sendable {
    /// The torrent's metainfo, with its piece layers.
    public let metainfo: Metainfo
    /// The content of all pieces, padding included.
    private let space: [UInt8]

    /// The torrent's info dictionary.
    public var info: TorrentInfo { metainfo.info }

    /// Creates a torrent with random content, determined by `seed`. `fileSizes` are in bytes; a single size makes a
    /// single-file torrent.
    ///
    /// - Throws: `MetainfoError` if the pieces or files do not make a valid torrent.
    public init(
        _ format: TorrentFormat,
        pieceLength: Int,
        fileSizes: [Int],
        isPrivate: Bool = false,
        seed: UInt64
    ) throws(MetainfoError) {
        var random = SeededRandom(seed: seed)
        let files = fileSizes.indices.map { index in
            MetainfoBuilder.File(path: fileSizes.count == 1 ? [] : ["\(index)"], size: fileSizes[index])
        }
        var builder = MetainfoBuilder(name: "virtual", format: format, pieceLength: pieceLength, files: files)
        builder.isPrivate = isPrivate
        let (entries, geometry) = builder.makeLayout()
        space = entries.flatMap { entry in
            entry.isPadding ? [UInt8](repeating: 0, count: entry.size) : random.nextBytes(count: entry.size)
        }
        if format != .v2 { builder.pieceHashes = Self.pieceHashes(of: space, geometry) }
        if format != .v1 {
            for (index, entry) in entries.filter({ !$0.isPadding }).enumerated() {
                Self.plant(Array(space[entry.range]), pieceLength: pieceLength, in: &builder.files[index])
            }
        }
        metainfo = try builder.makeMetainfo()
    }

    /// Returns the data of `piece`, without padding.
    public func data(of piece: PieceIndex) -> ArraySlice<UInt8> {
        let start = piece.int * info.geometry.pieceLength
        return space[start..<start + info.geometry.dataByteCount(of: piece)]
    }

    /// Returns whether `bytes` are the torrent's bytes at `offset` of `piece`.
    public func isTrue(_ bytes: UnsafeRawBufferPointer, in piece: PieceIndex, at offset: Int) -> Bool {
        let start = piece.int * info.geometry.pieceLength + offset
        guard offset >= 0, start + bytes.count <= space.count else { return false }
        return space.withUnsafeBytes { all in
            guard let a = all.baseAddress, let b = bytes.baseAddress else { return bytes.isEmpty }
            return memcmp(a + start, b, bytes.count) == 0
        }
    }

    /// Returns the pieces of `have` whose data in `store` is missing or wrong.
    public func wrongPieces(in store: some PieceStore, of have: Bitfield) -> [PieceIndex] {
        have.indices.filter { piece in
            var found = [UInt8](repeating: 0, count: info.geometry.dataByteCount(of: piece))
            return found.withUnsafeMutableBytes { out in
                guard (try? store.read(piece: piece, offset: 0, into: out)) != nil else { return true }
                return !isTrue(UnsafeRawBufferPointer(out), in: piece, at: 0)
            }
        }
    }

    private static func pieceHashes(of space: [UInt8], _ geometry: PieceGeometry) -> PieceHashes {
        let digests = stride(from: 0, to: space.count, by: geometry.pieceLength).map { start in
            SHA1.hash(Array(space[start..<min(start + geometry.pieceLength, space.count)]))
        }
        return PieceHashes(bytes: digests.flatMap { $0.bytes }) ?? PieceHashes()
    }

    private static func plant(_ content: [UInt8], pieceLength: Int, in file: inout MetainfoBuilder.File) {
        guard let tree = FileTree(byteCount: content.count, pieceLength: pieceLength) else { return }
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        content.withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
        guard let layer = tree.makePieceLayer(fromLeaves: leaves) else { return }
        file.root = tree.root(ofPieceLayer: layer)
        file.pieceLayer = tree.hasPieceLayer ? layer : []
    }
}
