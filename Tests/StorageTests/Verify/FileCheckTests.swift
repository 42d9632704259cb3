// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// What a check reports about files on disk: correct bytes alone do not make a complete file.
struct FileCheckTests {
    private let sandbox = Sandbox()
    private let torrent = HandmadeTorrent(
        .v1,
        pieceLength: 16_384,
        files: [patternBytes(40_000), patternBytes(20_000, seed: 2), []],
        alignsFiles: false
    )

    private func name(_ file: Int) -> String { torrent.info.files[file].path.joined(separator: "/") }

    private func putAll() throws {
        for file in torrent.info.files {
            try sandbox.put(file.path.joined(separator: "/"), Array(torrent.space[file.range]))
        }
    }

    private func statuses() async throws -> [FileCheck.Status] {
        let store = try FileStore(torrent.info, in: sandbox.path, options: .readOnly)
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        return try await checker.check().files.map(\.status)
    }

    @Test func rightFiles() async throws {
        try putAll()
        #expect(try await statuses() == [.complete, .complete, .complete])
    }

    @Test func bytesAppended() async throws {
        try putAll()
        try sandbox.put(name(1), Array(torrent.space[torrent.info.files[1].range]) + [1])
        try sandbox.put(name(2), [1])
        #expect(try await statuses() == [.complete, .tooLong(20_001), .tooLong(1)])
    }

    @Test func anUnfinishedFile() async throws {
        try putAll()
        #expect(rename(sandbox.at(name(0)), sandbox.at(name(0) + ".part")) == 0)
        let store = try FileStore(torrent.info, in: sandbox.path, options: .readOnly)
        let report = try await PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier).check()
        #expect(report.files[0].status == .partial && report.files[0].rightByteCount == 40_000)
        #expect(report.have.isComplete)
    }

    @Test func missingFiles() async throws {
        try putAll()
        try sandbox.remove(name(0))
        try sandbox.remove(name(2))
        let found = try await statuses()
        #expect(found[0] == .missing && found[2] == .missing)
    }

    @Test func whatIsNoFile() async throws {
        try putAll()
        try sandbox.remove(name(0))
        #expect(mkfifo(sandbox.at(name(0)), 0o600) == 0)
        guard case .unreadable(let error) = try await statuses()[0] else {
            Issue.record("a pipe was taken for a file")
            return
        }
        #expect(error.code == .occupied)
    }
}
