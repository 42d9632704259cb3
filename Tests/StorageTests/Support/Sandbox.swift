// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire

@testable import RucheStorage

/// A folder for one test, deleted with it.
final class Sandbox: Sendable {
    let path: String

    init(in folder: String = NSTemporaryDirectory()) {
        path = folder + "/ruche-storage-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Returns a path below the folder.
    func at(_ name: String) -> String { path + "/" + name }

    /// Writes a file, and creates the folders above it.
    func put(_ name: String, _ bytes: [UInt8]) throws {
        let folder = PathText.split(at(name)).folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: at(name)))
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: at(name), withIntermediateDirectories: true)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: at(name), withDestinationPath: target)
    }

    func bytes(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: at(name)).map { [UInt8]($0) } }

    func exists(_ name: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: at(name))) != nil
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: at(name)) }

    /// All files and links below the folder, sorted, without folders.
    var files: [String] { Self.files(below: path) }

    /// Returns all files and links below `path`, sorted, except those on another file system mounted there.
    static func files(below path: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return found.filter { name in
            let item = path + "/" + name
            let kind = try? FileManager.default.attributesOfItem(atPath: item)[.type] as? FileAttributeType
            return kind != .typeDirectory
        }.sorted()
    }
}

/// A small seeded generator, so a failure can be replayed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 1...255, using: &self) } }
}

/// A test's description of one file.
struct TestFile {
    var path: [String]
    var size: Int
    var isPadding = false
    var isExecutable = false
    var linkTarget: [String]?

    init(_ path: String, _ size: Int) {
        self.path = path.split(separator: "/").map(String.init)
        self.size = size
    }

    static func padding(_ size: Int) -> TestFile {
        var file = TestFile("t/.pad/\(size)", size)
        file.isPadding = true
        return file
    }

    static func link(_ path: String, to target: String) -> TestFile {
        var file = TestFile(path, 0)
        file.linkTarget = target.split(separator: "/").map(String.init)
        return file
    }
}

extension TorrentInfo {
    /// Returns an info with the given files in a row, with arbitrary hashes.
    static func test(pieceLength: Int, _ files: [TestFile], name: String = "t") -> TorrentInfo {
        var entries: [FileEntry] = []
        var offset = 0
        for file in files {
            var entry = FileEntry(path: file.path, size: file.size, offset: offset, isPadding: file.isPadding)
            entry.isExecutable = file.isExecutable
            entry.symlinkTarget = file.linkTarget
            entries.append(entry)
            offset += file.size
        }
        return TorrentInfo(
            bytes: [],
            hashes: .test(1),
            name: name,
            isSingleFile: false,
            geometry: PieceGeometry(pieceLength: pieceLength, totalSize: offset),
            files: entries,
            pieceHashes: PieceHashes(),
            isPrivate: false
        )
    }

    /// Returns random files, including empty ones and padding.
    static func random(using generator: inout SeededGenerator) -> TorrentInfo {
        let pieceLength = Int.random(in: 5...70, using: &generator)
        let files = (0..<Int.random(in: 1...12, using: &generator)).map { index -> TestFile in
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: .padding(Int.random(in: 0...40, using: &generator))
            case 1: TestFile("t/empty\(index)", 0)
            case 2: TestFile("t/deep/er/\(index)", Int.random(in: 1...200, using: &generator))
            default: TestFile("t/\(index)", Int.random(in: 1...60, using: &generator))
            }
        }
        return .test(pieceLength: pieceLength, files + [TestFile("t/last", 7)])
    }
}

extension InfoHashes {
    /// Returns hashes derived from a number.
    static func test(_ number: UInt8) -> InfoHashes {
        guard let hashes = InfoHashes(v1: SHA1.hash([number]), v2: nil) else { preconditionFailure("one is given") }
        return hashes
    }
}

extension PieceStore {
    /// Returns `count` bytes of `piece`.
    func bytes(_ piece: Int, _ offset: Int, _ count: Int) throws(StorageError) -> [UInt8] {
        let out = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { out.deallocate() }
        out.initializeMemory(as: UInt8.self, repeating: 0xee)
        try read(piece: PieceIndex(piece), offset: offset, into: out)
        return Array(out)
    }

    /// Like `bytes`, without blocking; nil if that is impossible.
    func bytesAtOnce(_ piece: Int, _ offset: Int, _ count: Int) -> [UInt8]? {
        let out = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { out.deallocate() }
        let halves = [out[..<(count / 2)], out[(count / 2)...]].map(UnsafeMutableRawBufferPointer.init(rebasing:))
        return readAtOnce(piece: PieceIndex(piece), offset: offset, into: halves) ? Array(out) : nil
    }

    /// Writes `bytes`, split into chunks of at most `chunk` bytes.
    func put(_ piece: Int, _ offset: Int, _ bytes: [UInt8], chunk: Int = .max) throws(StorageError) {
        let all = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { all.deallocate() }
        all.copyBytes(from: bytes)
        let chunks = stride(from: 0, to: bytes.count, by: min(chunk, max(1, bytes.count))).map {
            UnsafeRawBufferPointer(rebasing: all[$0..<min($0 + chunk.clamped(bytes.count), bytes.count)])
        }
        try write(piece: PieceIndex(piece), offset: offset, chunks: chunks)
    }
}

extension Int {
    fileprivate func clamped(_ limit: Int) -> Int { Swift.min(self, Swift.max(1, limit)) }
}

extension TorrentInfo {
    /// Writes the whole piece space, piece by piece.
    func fill(_ store: some PieceStore, with bytes: [UInt8]) throws(StorageError) {
        for piece in 0..<geometry.pieceCount {
            let begin = piece * geometry.pieceLength
            let end = begin + geometry.byteCount(of: PieceIndex(piece))
            try store.put(piece, 0, Array(bytes[begin..<end]), chunk: 16)
        }
    }

    /// Returns `bytes` with zeros in place of padding.
    func masked(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for file in files where file.isPadding {
            for index in file.range { bytes[index] = 0 }
        }
        return bytes
    }

    /// The index of every file that has bytes on disk.
    var storedFiles: [Int] { files.indices.filter { !files[$0].isPadding && files[$0].size > 0 } }
}

/// Returns the error that `body` throws; nil if it throws none.
func storageError(_ body: () throws(StorageError) -> Void) -> StorageError? {
    do throws(StorageError) {
        try body()
        return nil
    } catch {
        return error
    }
}
