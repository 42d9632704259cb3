// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheSwarm
import RucheTransport
import RucheWire

/// Several torrents at once between two sessions of one process, over loopback, with as many event loops as it is told:
/// prints how long it took, as JSON.
///
///     cores LOOPS TORRENTS BYTES FOLDER
@main
struct Cores {
    let loopCount: Int
    let torrentCount: Int
    let byteCount: Int
    let folder: String

    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().prefix(3).compactMap { Int($0) }
        guard CommandLine.arguments.count == 5, numbers.count == 3, let folder = CommandLine.arguments.last else {
            FileHandle.standardError.write(Data("usage: cores LOOPS TORRENTS BYTES FOLDER\n".utf8))
            exit(2)
        }
        let cores = Cores(loopCount: numbers[0], torrentCount: numbers[1], byteCount: numbers[2], folder: folder)
        let seconds = try await cores.run()
        print(#"{"seconds":\#(seconds),"bytes":\#(cores.byteCount * cores.torrentCount)}"#)
    }

    /// Seconds from the first torrent's start to the last one's end.
    func run() async throws -> Double {
        let seed = try await makeSession("seed")
        let peer = try await makeSession("peer")
        var metainfos: [Metainfo] = []
        for index in 0..<torrentCount {
            let metainfo = try await makeTorrent(index)
            try await seed.add(metainfo).finished()
            metainfos.append(metainfo)
        }
        let begun = ContinuousClock.now
        var options = AddOptions()
        options.peers = seed.endpoints
        var torrents: [Torrent] = []
        for metainfo in metainfos { torrents.append(try await peer.add(metainfo, options: options)) }
        for torrent in torrents { try await torrent.finished() }
        let elapsed = ContinuousClock.now - begun
        await peer.shutdown()
        await seed.shutdown()
        return elapsed / .seconds(1)
    }

    private func makeSession(_ name: String) async throws -> Session {
        var configuration = SessionConfiguration(downloads: "\(folder)/\(name)")
        configuration.loopCount = loopCount
        configuration.encryption = .off
        configuration.binding = LocalBinding(addresses: [IPAddress(v4: 0x7f00_0001)])
        try FileManager.default.createDirectory(atPath: configuration.downloads, withIntermediateDirectories: true)
        return try await Session(configuration)
    }

    private func makeTorrent(_ index: Int) async throws -> Metainfo {
        let path = "\(folder)/seed/payload-\(index).bin"
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        var random = SystemRandomNumberGenerator()
        for start in stride(from: 0, to: byteCount, by: 1 << 20) {
            let words = (0..<min(1 << 20, byteCount - start) / 8).map { _ in random.next() }
            try file.write(contentsOf: words.withUnsafeBytes { Data($0) })
        }
        try file.close()
        var options = TorrentOptions()
        options.format = .v1
        options.pieceLength = 1 << 20
        return try await TorrentCreator(source: path, options: options).create().metainfo
    }
}
