// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheStorage

/// Stores that keep pieces and no files, and what they are never asked.
struct CustomStoreTests {
    @Test func aMissingPieceSaysNothingOfThoseBehindIt() async throws {
        let torrent = HandmadeTorrent(.v1, pieceLength: 16_384, files: [patternBytes(100 * 16_384)])
        let store = MemoryStore(torrent.info.geometry)
        try torrent.info.fill(store, with: torrent.space)
        for piece in [3, 40, 41] { store.drop(PieceIndex(piece)) }
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        let report = try await checker.check()
        #expect(report.have.setCount == 97)
        #expect(report.files[0].status == .damaged)
    }

    /// Files of 10, 5 and 8 bytes with padding in the middle of one piece and at the end of another.
    private static let padded = TorrentInfo.test(
        pieceLength: 16,
        [
            TestFile("t/a", 10), .padding(2), TestFile("t/b", 3), .padding(1), TestFile("t/c", 9), .padding(7),
            .padding(16), TestFile("t/d", 2),
        ]
    )

    @Test func paddingNeverReachesAStore() throws {
        let info = Self.padded
        let store = PickyStore(info)
        let filter = PaddingFilter(info)
        var random = SeededGenerator(seed: 3)
        let space = info.masked(random.bytes(info.geometry.spaceSize))
        for piece in 0..<info.geometry.pieceCount {
            let range = piece * 16..<min(piece * 16 + 16, space.count)
            try Array(space[range]).withUnsafeBytes { bytes in
                let halves = [bytes[..<(bytes.count / 2)], bytes[(bytes.count / 2)...]]
                try filter.write(
                    store,
                    piece: PieceIndex(piece),
                    offset: 0,
                    chunks: halves.map { UnsafeRawBufferPointer(rebasing: $0) }
                )
            }
        }
        for piece in 0..<info.geometry.pieceCount {
            let length = min(16, space.count - piece * 16)
            for offset in 0..<length {
                let expected = Array(space[piece * 16 + offset..<piece * 16 + length])
                #expect(try read(filter, store, piece, offset, expected.count, atOnce: false) == expected)
                #expect(try read(filter, store, piece, offset, expected.count, atOnce: true) == expected)
            }
        }
    }

    private func read(
        _ filter: PaddingFilter,
        _ store: PickyStore,
        _ piece: Int,
        _ offset: Int,
        _ count: Int,
        atOnce: Bool
    ) throws -> [UInt8] {
        var out = [UInt8](repeating: 0xee, count: count)
        try out.withUnsafeMutableBytes { bytes in
            let middle = bytes.count / 3
            let parts = [bytes[..<middle], bytes[middle...]].map { UnsafeMutableRawBufferPointer(rebasing: $0) }
            if atOnce {
                let isRead = filter.readAtOnce(store, piece: PieceIndex(piece), offset: offset, into: parts)
                #expect(isRead)
            } else {
                try filter.read(store, piece: PieceIndex(piece), offset: offset, into: parts)
            }
        }
        return out
    }

    @Test func aCheckReadsNoPadding() async throws {
        let files = [patternBytes(10_000), patternBytes(40_000, seed: 2)]
        let torrent = HandmadeTorrent(.hybrid, pieceLength: 32_768, files: files)
        let store = PickyStore(torrent.info)
        for piece in 0..<torrent.info.geometry.pieceCount {
            let start = piece * 32_768
            let count = torrent.info.geometry.dataByteCount(of: PieceIndex(piece))
            try store.put(piece, 0, Array(torrent.space[start..<start + count]))
        }
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        #expect(try await checker.check().have.isComplete)
    }
}

/// Refuses all access to padding.
private final class PickyStore: PieceStore {
    private let memory: MemoryStore
    private let layout: FileLayout

    init(_ info: TorrentInfo) {
        memory = MemoryStore(info.geometry)
        layout = FileLayout(info)
    }

    private func check(_ piece: PieceIndex, _ offset: Int, _ count: Int) throws(StorageError) {
        guard let span = layout.span(piece: piece, offset: offset, count: count),
            layout.segments(of: span).allSatisfy(\.isStored)
        else { throw StorageError(.limit, operation: "use", path: "piece \(piece)", reason: "that is padding") }
    }

    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError) {
        try check(piece, offset, chunks.reduce(0) { $0 + $1.count })
        try memory.read(piece: piece, offset: offset, into: chunks)
    }

    func readAtOnce(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) -> Bool {
        (try? read(piece: piece, offset: offset, into: chunks)) != nil
    }

    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {
        try check(piece, offset, chunks.reduce(0) { $0 + $1.count })
        try memory.write(piece: piece, offset: offset, chunks: chunks)
    }

    func flush() throws(StorageError) {}

    func close() {}
}
