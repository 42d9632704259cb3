// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import RucheCrypto
import RucheStorage
import RucheSwarm
import RucheTransport
import RucheWire

/// A temporary folder with a film to share, and sessions on loopback.
final class FilmFolder: Sendable {
    private let path = NSTemporaryDirectory() + "ruche-streaming-\(UUID().uuidString)"
    let film: [UInt8]

    init() throws {
        var random = SeededRandom(seed: 1)
        film = random.nextBytes(count: 3_000_001)
        try FileManager.default.createDirectory(atPath: path + "/seed", withIntermediateDirectories: true)
        try Data(film).write(to: URL(fileURLWithPath: path + "/seed/film.mp4"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Gives `body` a torrent that downloads from a seed, by magnet link.
    func watch(_ format: TorrentFormat, _ body: (Torrent) async throws -> Void) async throws {
        var options = TorrentOptions()
        options.format = format
        options.pieceLength = 65_536
        let metainfo = try await TorrentCreator(source: path + "/seed/film.mp4", options: options).create().metainfo
        let seed = try await makeSession("seed")
        try await seed.add(metainfo).finished()
        let viewer = try await makeSession("viewer")
        var adding = AddOptions()
        adding.peers = seed.endpoints
        try await body(try await viewer.add(MagnetLink(metainfo), options: adding))
        await viewer.shutdown()
        await seed.shutdown()
    }

    private func makeSession(_ name: String) async throws -> Session {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var configuration = SessionConfiguration(downloads: "\(path)/\(name)", logger: logger)
        configuration.binding = LocalBinding(addresses: [IPAddress(v4: 0x7f00_0001)])
        configuration.usesDHT = false
        configuration.usesLocalDiscovery = false
        configuration.mapsPorts = false
        configuration.loopCount = 1
        return try await Session(configuration)
    }
}
