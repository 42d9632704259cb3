// SPDX-License-Identifier: Apache-2.0

import RucheStreaming
import RucheSwarm
import Testing

/// Plays a film while it downloads. Every byte has been verified; the bytes to be played next are downloaded first.
struct Player {
    private(set) var playedByteCount = 0

    mutating func play(_ torrent: Torrent, from start: Int = 0) async throws {
        guard let film = try await torrent.files.max(by: { $0.size < $1.size }) else { return }
        for try await bytes in torrent.read(file: film.id, range: start..<film.size, bytesPerSecond: 500_000) {
            show(bytes)
        }
    }

    /// Lets another program play it, such as a browser.
    func serve(_ film: TorrentFile, of torrent: Torrent, open: (String) async throws -> Void) async throws {
        let server = try await MediaServer(torrent)
        try await open(server.url(for: film))
        await server.close()
    }

    private mutating func show(_ bytes: [UInt8]) { playedByteCount += bytes.count }
}

@Suite("A reader that plays while it downloads", .timeLimit(.minutes(1)))
struct PlayerTests {
    @Test func playsBeforeTheDownloadIsOver() async throws {
        try await withWorkshop { workshop in
            // The seed is slow, so the film cannot be complete before it is played.
            let seed = try await workshop.makeSeed(sizes: [1_000, 600_000]) { $0.uploadLimitBytesPerSecond = 400_000 }
            let session = try await workshop.makeSession("leech")
            let options = AddOptions(peers: seed.session.endpoints)
            let torrent = try await session.add(MagnetLink(seed.metainfo), options: options)
            // The files are known once the metadata is here and the content is open.
            for await status in torrent.status where status.pieces != nil { break }
            var player = Player()
            try await player.play(torrent, from: 100_000)
            #expect(player.playedByteCount == 500_000)
            let film = try #require(try await torrent.files.last)
            try await player.serve(film, of: torrent) { #expect($0.hasPrefix("http://127.0.0.1:")) }
            try await torrent.finished()
        }
    }
}
