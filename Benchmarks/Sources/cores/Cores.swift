// SPDX-License-Identifier: Apache-2.0
// usage: cores LOOPS SEED-FOLDER PEER-FOLDER TORRENT…
//
// Prints `ready` once it seeds, waits for a line on standard input, fetches all torrents at once, and prints a line of
// JSON.

import Foundation
import RucheSwarm
import RucheTransport
import RucheWire

/// Two sessions of one process over loopback: one seeds all torrents, the other fetches them. Each has the given number
/// of event loops.
@main
struct Cores {
    let loopCount: Int
    let seedFolder: String
    let peerFolder: String
    let torrents: [Metainfo]

    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        guard words.count >= 4, let loopCount = Int(words[1]), loopCount > 0 else {
            throw Mistake(description: "usage: cores LOOPS SEED-FOLDER PEER-FOLDER TORRENT…")
        }
        let torrents = try words[4...].map { try MetainfoParser.parse(Array(Data(contentsOf: URL(filePath: $0)))) }
        let cores = Cores(loopCount: loopCount, seedFolder: words[2], peerFolder: words[3], torrents: torrents)
        try await cores.run()
    }

    func run() async throws {
        let seed = try await makeSession(seedFolder)
        let peer = try await makeSession(peerFolder)
        try await beginSeeding(seed)
        say("ready")
        guard readLine() != nil else { throw Mistake(description: "standard input ended before the start") }
        let before = Usage()
        try await fetch(peer, from: seed)
        let after = Usage()
        say(after.report(since: before))
        await peer.shutdown()
        await seed.shutdown()
    }

    private func makeSession(_ folder: String) async throws -> Session {
        var configuration = SessionConfiguration(downloads: folder)
        configuration.loopCount = loopCount
        configuration.channels = EncryptionPolicy.off.channels
        configuration.binding = LocalBinding(addresses: [IPAddress(v4: 0x7f00_0001)])
        return try await Session(configuration)
    }

    /// Returns once all data has been checked.
    private func beginSeeding(_ seed: Session) async throws {
        var options = AddOptions()
        options.isReadOnly = true
        for metainfo in torrents { try await seed.add(metainfo, options: options).finished() }
    }

    /// Returns once all pieces have arrived and been hashed.
    private func fetch(_ peer: Session, from seed: Session) async throws {
        var options = AddOptions()
        options.peers = seed.endpoints
        var fetched: [Torrent] = []
        for metainfo in torrents { fetched.append(try await peer.add(metainfo, options: options)) }
        for torrent in fetched { try await torrent.finished() }
    }

    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
