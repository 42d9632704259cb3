// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheStreaming
import RucheSwarm
import Testing

/// A film in a swarm of two sessions, watched over HTTP.
@Suite(.serialized, .timeLimit(.minutes(3))) struct MediaServerTests {
    private let ground: FilmFolder
    private var film: [UInt8] { ground.film }

    init() throws { ground = try FilmFolder() }

    private static func get(_ url: String, _ fields: String...) async throws -> PlainAnswer {
        let parts = try #require(URLComponents(string: url))
        let client = try await PlainClient(port: try #require(parts.port))
        let lines = ["GET \(parts.percentEncodedPath) HTTP/1.1", "Host: 127.0.0.1:\(parts.port ?? 0)"]
        try await client.send((lines + fields + ["Connection: close", "", ""]).joined(separator: "\r\n"))
        return PlainAnswer(await client.readAll())
    }

    @Test(arguments: [TorrentFormat.v1, .v2])
    func `Several parts of a film are read at once while it downloads, then all of it`(format: TorrentFormat)
        async throws
    {
        try await ground.watch(format) { torrent in
            let server = try await MediaServer(torrent)
            let file = try #require(try await torrent.files.first)
            server.prepare(file)
            let url = server.url(for: file)
            #expect(url.hasSuffix("/0/film.mp4"))
            async let head = Self.get(url, "Range: bytes=0-999")
            async let middle = Self.get(url, "Range: bytes=1000000-1500000")
            async let tail = Self.get(url, "Range: bytes=-5000")
            let answers = try await [head, middle, tail]
            #expect(answers.map(\.status) == [206, 206, 206])
            let expected = [film[..<1000], film[1_000_000...1_500_000], film[(film.count - 5000)...]]
            #expect(answers.map(\.body) == expected.map { Array($0) })
            let whole = try await Self.get(url)
            #expect(whole.status == 200 && whole.body == film)
            await server.close()
            await #expect(throws: (any Error).self) { try await Self.get(url) }
        }
    }

    @Test func `Two servers have different secrets, and neither knows the other's`() async throws {
        try await ground.watch(.v1) { torrent in
            let (one, other) = (try await MediaServer(torrent), try await MediaServer(torrent))
            let file = try #require(try await torrent.files.first)
            let paths = [one, other].map { URLComponents(string: $0.url(for: file))?.percentEncodedPath ?? "" }
            #expect(paths[0] != paths[1] && paths.allSatisfy { $0.utf8.count > 32 })
            let crossed = one.url(for: file).replacingOccurrences(of: paths[0], with: paths[1])
            #expect(try await Self.get(crossed).status == 404)
            await one.close()
            await other.close()
        }
    }

    @Test func `As a service it ends when its task is cancelled, and it does not outlive its session`() async throws {
        try await ground.watch(.v1) { torrent in
            let server = try await MediaServer(torrent)
            let file = try #require(try await torrent.files.first)
            let running = Task { try await server.run() }
            #expect(try await Self.get(server.url(for: file), "Range: bytes=0-9").body == Array(film[..<10]))
            running.cancel()
            try await running.value
            await #expect(throws: (any Error).self) { try await Self.get(server.url(for: file)) }
        }
        var kept: Torrent?
        try await ground.watch(.v1) { torrent in
            _ = try await MediaServer(torrent)
            kept = torrent
        }
        let torrent = try #require(kept)
        await #expect(throws: TorrentError.self) { try await MediaServer(torrent) }
    }
}
