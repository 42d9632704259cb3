// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheSwarm

/// A temporary folder for one test, and sessions on this machine that are shut down before it is deleted.
actor Workshop {
    nonisolated let path = NSTemporaryDirectory() + "ruche-plugins-\(UUID().uuidString)"
    private var sessions: [Session] = []

    /// Creates a session that stays within this machine, with its files below `folder`.
    func makeSession(
        _ folder: String,
        _ change: (inout SessionConfiguration) -> Void = { _ in }
    ) async throws -> Session {
        var configuration = SessionConfiguration(downloads: "\(path)/\(folder)", logger: .silent)
        configuration.binding = .loopback
        configuration.usesDHT = false
        configuration.usesLocalDiscovery = false
        configuration.mapsPorts = false
        configuration.loopCount = 1
        configuration.blockingThreadCount = 2
        change(&configuration)
        let session = try await Session(configuration)
        sessions.append(session)
        return session
    }

    /// Creates a session that seeds files of these sizes, `seed/content/0` and so on.
    func makeSeed(
        sizes: [Int],
        _ change: (inout SessionConfiguration) -> Void = { _ in }
    ) async throws -> (session: Session, metainfo: Metainfo) {
        var random = SeededRandom(seed: 1)
        let folder = "\(path)/seed/content"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (index, size) in sizes.enumerated() {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(index)"))
        }
        let metainfo = try await TorrentCreator(source: folder).create().metainfo
        let session = try await makeSession("seed", change)
        try await session.add(metainfo).finished()
        return (session, metainfo)
    }

    nonisolated func bytes(of file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)")))
    }

    fileprivate func close() async {
        for session in sessions { await session.shutdown() }
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Runs a test in a workshop, which is removed afterwards, however the test ends.
func withWorkshop(_ body: (Workshop) async throws -> Void) async throws {
    let workshop = Workshop()
    do { try await body(workshop) } catch {
        await workshop.close()
        throw error
    }
    await workshop.close()
}

extension LocalBinding {
    static let loopback = LocalBinding(addresses: [IPAddress(v4: 0x7f00_0001)])
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension AddOptions {
    init(peers: [PeerEndpoint]) {
        self.init()
        self.peers = peers
    }
}

extension TorrentReader {
    func bytes() async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await bytes in self { all += bytes }
        return all
    }
}
