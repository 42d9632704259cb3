// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// Names, attributes, system errors, read-only mode, removal.
struct FileStoreLifeTests {
    private let sandbox = Sandbox()
    private let eight = Array("contents".utf8)

    private func makeStore(_ files: [TestFile], _ options: FileStoreOptions = .init()) throws -> FileStore {
        try FileStore(.test(pieceLength: 8, files), in: sandbox.path, options: options)
    }

    @Test func aFileLosesItsSuffixWhenItIsComplete() throws {
        var program = TestFile("t/a", 8)
        program.isExecutable = true
        let store = try makeStore([program, TestFile("t/empty", 0)])
        try store.put(0, 0, eight)
        #expect(sandbox.files == ["t/a.part"])
        try store.createSkeleton()
        try store.finish(file: 0)
        try store.finish(file: 0)
        #expect(sandbox.files == ["t/a", "t/empty"])
        #expect(FileManager.default.isExecutableFile(atPath: sandbox.at("t/a")))
        #expect(try store.bytes(0, 0, 8) == eight)
    }

    @Test func makingVeryManyFilesIsLeftOffOnceItIsUnwanted() throws {
        let files = (0..<100).map { TestFile("t/empty\($0)", 0) }
        let store = try makeStore(files + [.link("t/link", to: "t/empty0"), TestFile("t/a", 8)])
        for limit in [3, 100] {
            var count = 0
            let isDone = try store.createSkeleton {
                count += 1
                return count > limit
            }
            #expect(!isDone && sandbox.files.count == limit)
        }
        #expect(try store.createSkeleton())
        #expect(sandbox.files.count == 101)
    }

    @Test func whatIsThereUnderItsFinalNameIsUsed() throws {
        try sandbox.put("t/a", eight)
        let store = try makeStore([TestFile("t/a", 8)])
        #expect(try store.bytes(0, 0, 8) == eight)
        try store.claim(Bitfield(count: 1, allSet: true))
        try store.put(0, 0, [9])
        try store.finish(file: 0)
        #expect(sandbox.files == ["t/a"])
        #expect(sandbox.bytes("t/a") == [9] + eight[1...])
    }

    @Test func aTorrentsOwnPartFilesAreNotConfused() throws {
        let store = try makeStore([TestFile("t/a", 8), TestFile("t/a.part", 8)])
        try store.put(0, 0, eight)
        try store.put(1, 0, eight.reversed())
        #expect(try store.bytes(0, 0, 8) == eight)
        try store.finish(file: 1)
        try store.finish(file: 0)
        #expect(sandbox.files == ["t/a", "t/a.part"])
        #expect(sandbox.bytes("t/a.part") == eight.reversed())
    }

    @Test func namesWithNoRoomForASuffixGoWithout() throws {
        let long = String(repeating: "n", count: 253)
        let store = try makeStore([TestFile("t/\(long)", 8)])
        try store.put(0, 0, eight)
        try store.finish(file: 0)
        #expect(sandbox.files == ["t/\(long)"])
        #expect(try store.bytes(0, 0, 8) == eight)
    }

    @Test func preallocatedFilesAreThereAtOnce() throws {
        var options = FileStoreOptions()
        options.allocation = .preallocated
        let store = try makeStore([TestFile("t/a", 100_000), TestFile("t/b", 8)], options)
        try store.setWanted(false, file: 1)
        try store.createSkeleton()
        #expect(sandbox.files == ["t/a.part"])
        #expect(try store.facts(file: 0)?.size == 100_000)
        var status = stat()
        #expect(stat(sandbox.at("t/a.part"), &status) == 0)
        #expect(status.st_blocks * 512 >= 100_000)
    }

    @Test func readingOnlyChangesNothing() throws {
        try sandbox.put("t/a", eight)
        try sandbox.put("t/b.part", eight)
        let before = sandbox.files
        let store = try makeStore([TestFile("t/a", 8), TestFile("t/b", 8), TestFile("t/empty", 0)], .readOnly)
        #expect(try store.bytes(0, 0, 8) == eight)
        // An incomplete file is read as well.
        #expect(try store.bytes(1, 0, 8) == eight)
        try store.claim(Bitfield(count: 2))
        #expect(storageError { () throws(StorageError) in try store.put(0, 0, [1]) }?.code == .permission)
        try store.finish(file: 1)
        #expect(storageError { () throws(StorageError) in try store.createSkeleton() }?.code == .permission)
        #expect(storageError { () throws(StorageError) in try store.removeData() }?.code == .permission)
        #expect(storageError { () throws(StorageError) in try store.move(to: "elsewhere") }?.code == .permission)
        try store.setWanted(false, file: 0)
        try store.setWanted(true, file: 0)
        try store.flush()
        #expect(sandbox.files == before)
        #expect(sandbox.bytes("t/a") == eight)
        let nowhere = storageError { () throws(StorageError) in
            _ = try FileStore(store.info, in: sandbox.at("nowhere"), options: .readOnly)
        }
        #expect(nowhere?.code == .missing)
        #expect(!sandbox.exists("nowhere"))
    }

    @Test func missingAndShortFilesAreReported() throws {
        let store = try makeStore([TestFile("t/a", 16), TestFile("t/b", 8)])
        let missing = storageError { () throws(StorageError) in _ = try store.bytes(0, 0, 8) }
        #expect(missing?.code == .missing)
        #expect(missing?.path == sandbox.at("t/a"))
        try store.put(0, 0, eight)
        #expect(truncate(sandbox.at("t/a.part"), 11) == 0)
        #expect(try store.bytes(0, 0, 8) == eight)
        let short = storageError { () throws(StorageError) in _ = try store.bytes(1, 0, 8) }
        #expect(short?.code == .changed)
        #expect(short?.path == sandbox.at("t/a"))
        store.close()
        #expect(storageError { () throws(StorageError) in _ = try store.bytes(1, 0, 8) }?.code == .changed)
    }

    @Test func aFileInAFoldersPlaceIsReported() throws {
        try sandbox.put("t", [1])
        let store = try makeStore([TestFile("t/a", 8)])
        #expect(storageError { () throws(StorageError) in try store.put(0, 0, eight) }?.code == .notADirectory)
        let below = storageError { () throws(StorageError) in _ = try FileStore(store.info, in: sandbox.at("t/x")) }
        #expect(below?.code == .notADirectory)
    }

    @Test(.enabled(if: Mount.isPossible, "mounting needs root"))
    func aFullDiskIsTold() throws {
        let disk = try Mount(sandbox.at("small"), "size=256k")
        defer { disk.unmount() }
        let info = TorrentInfo.test(pieceLength: 1 << 16, [TestFile("t/a", 1 << 20)])
        let store = try FileStore(info, in: disk.path)
        let bytes = Array(repeating: UInt8(7), count: 1 << 16)
        var failure: StorageError?
        var written = 0
        for piece in 0..<16 where failure == nil {
            failure = storageError { () throws(StorageError) in try store.put(piece, 0, bytes, chunk: 1 << 14) }
            if failure == nil { written += 1 }
        }
        #expect(failure?.code == .diskFull)
        #expect(failure?.path == disk.path + "/t/a")
        #expect((1..<16).contains(written))
        for piece in 0..<written { #expect(try store.bytes(piece, 0, bytes.count) == bytes) }

        var options = FileStoreOptions()
        options.allocation = .preallocated
        try store.removeData()
        let greedy = try FileStore(info, in: disk.path, options: options)
        #expect(storageError { () throws(StorageError) in try greedy.createSkeleton() }?.code == .diskFull)
        #expect(Sandbox.files(below: disk.path) == [])
    }

    @Test(.enabled(if: Mount.isPossible, "mounting needs root"))
    func aReadOnlyDiskIsTold() throws {
        let disk = try Mount(sandbox.at("disk"), "size=256k")
        defer { disk.unmount() }
        let info = TorrentInfo.test(pieceLength: 8, [TestFile("t/a", 16)])
        try FileStore(info, in: disk.path).put(0, 0, eight)
        try disk.makeReadOnly()
        let store = try FileStore(info, in: disk.path)
        try store.claim(Bitfield(count: 2, allSet: true))
        #expect(storageError { () throws(StorageError) in try store.put(0, 0, eight) }?.code == .readOnlyDisk)
    }

    @Test func removalOnlyDeletesOurFiles() throws {
        let store = try makeStore([
            TestFile("t/a", 8), TestFile("t/sub/b", 4), TestFile("t/sub/c", 4), .padding(8), TestFile("t/other/d", 8),
        ])
        try store.setWanted(false, file: 2)
        for piece in 0..<2 { try store.put(piece, 0, eight) }
        try store.put(3, 0, eight)
        try store.finish(file: 0)
        try sandbox.put("t/other/mine", [1])
        try sandbox.put("t/.pad/8", [1])
        #expect(sandbox.files.contains { $0.hasSuffix(".parts") })
        try store.removeData()
        #expect(sandbox.files == ["t/.pad/8", "t/other/mine"])
        #expect(!sandbox.exists("t/sub"))
        try store.removeData()
    }
}

/// A small file system for one test.
struct Mount {
    let path: String

    static let isPossible = {
        #if os(Linux)
        guard geteuid() == 0 else { return false }
        let sandbox = Sandbox()
        guard let mount = try? Mount(sandbox.at("probe"), "size=64k") else { return false }
        mount.unmount()
        return true
        #else
        return false
        #endif
    }()

    init(_ path: String, _ options: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
    }

    func makeReadOnly() throws { try run("mount", "-o", "remount,ro", path) }

    func unmount() { try? run("umount", "-l", path) }

    private func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableNotLoadable) }
    }
}
