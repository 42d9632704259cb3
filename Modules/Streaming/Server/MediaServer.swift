// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import RucheCrypto
public import RucheSwarm
internal import RucheTransport
public import ServiceLifecycle

/// Serves a torrent's files to players on this machine, over HTTP, while they download.
///
///     let server = try await MediaServer(torrent)
///     open(server.url(for: film))
///
/// A player may read several parts at once, and seek: what it reads next is downloaded first. Every byte is verified
/// before it is served. Only programs that know a file's URL can read it, and no web page can.
///
/// As a `Service` it serves until its group shuts down. It ends with its session, or with `close()`.
public final class MediaServer: Service, Sendable {
    private let films: Films
    private let listener: LoopbackListener
    private let connections: PlayerConnections

    /// Starts a server for the files of `torrent`. With a magnet link, waits for the metadata first.
    ///
    /// - Throws: `TorrentError` if the torrent fails, is removed, or its session has ended; `TransportError` if no port
    ///   can be opened; `CancellationError` if the task is cancelled.
    public convenience init(_ torrent: Torrent) async throws {
        try await self.init(torrent, limits: StreamingLimits())
    }

    package init(_ torrent: Torrent, limits: StreamingLimits) async throws {
        let files = try await torrent.filesOnceKnown()
        guard let runtime = torrent.runtime else {
            throw TorrentError(.sessionEnded, "the session has ended")
        }
        let connections = PlayerConnections(limit: limits.connections)
        listener = try await LoopbackListener(runtime) { [connections] in try connections.configure($0) }
        let shelf = MediaShelf(
            Dictionary(uniqueKeysWithValues: files.map { ($0.id, .init(path: $0.path, byteCount: $0.size)) }),
            contentName: torrent.hashes.v2?.description ?? torrent.hashes.v1?.description ?? "",
            token: SecureRandom.bytes(count: MediaShelf.tokenByteCount),
            port: listener.port
        )
        films = Films(shelf, limits: limits) { body, bytesPerSecond in
            torrent.read(file: body.file, range: body.range, bytesPerSecond: bytesPerSecond)
        }
        self.connections = connections
        connections.start(films)
    }

    /// Returns the URL at which players on this machine read `file`.
    ///
    /// It is a secret: a program that knows it can read the torrent's files.
    public func url(for file: TorrentFile) -> String { films.shelf.url(of: file.id, file.path) }

    /// Starts to download the beginning of `file` and its index, which players read first, and finds out how fast it is
    /// played. A player's first request does the same; this gains the time that the player needs to start.
    public func prepare(_ file: TorrentFile) { films.prepare(file.id) }

    /// Serves until the service group or the surrounding task ends it, then closes.
    ///
    /// - Throws: Nothing; `Service` requires the keyword.
    public func run() async throws {
        await waitForServiceEnd()
        await close()
    }

    /// Closes the port and every connection. The torrent stays.
    public func close() async {
        films.close()
        await listener.close()
        await connections.close()
    }
}

extension TorrentFile {
    /// Whether its name ends like that of a film or of music.
    public var isPlayable: Bool { MediaType.isPlayable(path) }
}

extension Torrent {
    /// Returns the files as soon as the metadata is known.
    fileprivate func filesOnceKnown() async throws -> [TorrentFile] {
        for await status in status {
            if case .failed(let error) = status.state { throw error }
            if status.pieces != nil { return try await files }
        }
        try Task.checkCancellation()
        throw endReason ?? TorrentError(.removed, "the torrent was removed before its files were known")
    }
}
