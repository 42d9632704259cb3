// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import RucheCrypto
import RucheStorage
import RucheSwarm
import RucheTransport
import RucheWire

/// A temporary folder for one test, with content to share and sessions on loopback.
final class Playground: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "ruche-swarm-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func at(_ name: String) -> String { path + "/" + name }

    /// Creates a torrent of random files in `seed/<name>`.
    func makeTorrent(
        _ name: String = "content",
        _ format: TorrentFormat = .v1,
        sizes: [Int] = [300_000, 70_000],
        isPrivate: Bool = false
    ) async throws -> Metainfo {
        var random = SeededRandom(seed: UInt64(name.utf8.count))
        try FileManager.default.createDirectory(atPath: at("seed/\(name)"), withIntermediateDirectories: true)
        for (index, size) in sizes.enumerated() {
            try Data(random.nextBytes(count: size)).write(to: URL(fileURLWithPath: at("seed/\(name)/\(index)")))
        }
        var options = TorrentOptions()
        options.format = format
        options.pieceLength = 32_768
        options.threadCount = 1
        options.isPrivate = isPrivate
        return try await TorrentCreator(source: at("seed/\(name)"), options: options).create().metainfo
    }

    /// Creates a session with its files below `folder`.
    func makeSession(_ folder: String, _ change: (inout SessionConfiguration) -> Void = { _ in }) async throws
        -> Session
    {
        var configuration = SessionConfiguration(downloads: at(folder), logger: .silent)
        configuration.binding = LocalBinding(addresses: [IPAddress(v4: 0x7f00_0001)])
        configuration.loopCount = 1
        configuration.blockingThreadCount = 2
        change(&configuration)
        return try await Session(configuration)
    }

    /// Creates a session that seeds `metainfo` from `seed`, and has checked it.
    func makeSeed(_ metainfo: Metainfo) async throws -> Session {
        let session = try await makeSession("seed")
        var options = AddOptions()
        options.isReadOnly = true
        try await session.add(metainfo, options: options).finished()
        return session
    }

    func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: at(name)) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: at(name)) }

    /// Returns whether a file of the torrent in `folder` equals the seed's.
    func isSame(_ file: String, in folder: String) -> Bool {
        bytes("seed/\(file)") != nil && bytes("seed/\(file)") == bytes("\(folder)/\(file)")
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension AddOptions {
    static func from(_ session: Session, _ change: (inout AddOptions) -> Void = { _ in }) -> AddOptions {
        var options = AddOptions()
        options.peers = session.endpoints
        change(&options)
        return options
    }
}

extension Torrent {
    /// Waits for a status that satisfies `isReached`; nil if the torrent ends first.
    @discardableResult
    func wait(until isReached: @Sendable (TorrentStatus) -> Bool) async -> TorrentStatus? {
        for await status in status where isReached(status) { return status }
        return nil
    }
}
