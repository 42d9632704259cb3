// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage

/// One pass of a reader over its bytes. The iterator owns it; the torrent is kept awake from the first bytes to the
/// end.
final class TorrentReading {
    private let reader: TorrentReader
    private var opened: Opened?
    private var position = 0
    private var isOver = false

    init(_ reader: TorrentReader) { self.reader = reader }

    deinit { opened?.end() }

    func next(isolation: isolated (any Actor)?) async throws -> [UInt8]? {
        guard !isOver else { return nil }
        do {
            let opened = try await open(isolation: isolation)
            guard position < opened.place.range.upperBound else {
                end()
                return nil
            }
            let bytes = try await opened.read(at: position, bytesPerSecond: reader.bytesPerSecond)
            position += bytes.count
            return bytes
        } catch {
            end()
            throw error is CancellationError ? error : TorrentError(error)
        }
    }

    private func end() {
        isOver = true
        opened?.end()
        opened = nil
    }

    private func open(isolation: isolated (any Actor)?) async throws -> Opened {
        if let opened { return opened }
        let new = try await Opened.open(reader)
        opened = new
        position = new.place.range.lowerBound
        return new
    }
}

extension TorrentReading {
    /// The resources of a reader while it reads.
    private struct Opened: Sendable {
        let torrent: Torrent
        let driver: SwarmDriver
        let id: ReaderID
        let place: ReadingPlace

        /// The maximum number of bytes returned at once.
        static let chunkByteCount = 256 << 10

        /// Keeps the torrent awake, and waits until its content is open.
        static func open(_ reader: TorrentReader) async throws -> Opened {
            let torrent = reader.torrent
            let life = try await torrent.hold()
            do {
                let (place, id) = try await waitForContent(reader)
                return Opened(torrent: torrent, driver: life.driver, id: id, place: place)
            } catch {
                torrent.letGo()
                throw error
            }
        }

        private static func waitForContent(_ reader: TorrentReader) async throws -> (ReadingPlace, ReaderID) {
            let status = reader.torrent.status
            if let place = try await findPlace(reader) { return place }
            for await _ in status {
                if let place = try await findPlace(reader) { return place }
            }
            try Task.checkCancellation()
            throw reader.torrent.endReason ?? TorrentError(.removed, "the torrent was removed before it was read")
        }

        private static func findPlace(_ reader: TorrentReader) async throws -> (ReadingPlace, ReaderID)? {
            try await reader.torrent.withLifecycle { life in
                try life.place(of: reader.file, reader.range).map { ($0, life.driver.makeReaderID()) }
            }
        }

        /// Returns the bytes at `position` in the piece space once they are stored, up to the end of the piece.
        func read(at position: Int, bytesPerSecond: Int?) async throws -> [UInt8] {
            let piece = position / place.pieceLength
            let offset = position % place.pieceLength
            let last = (place.range.upperBound - 1) / place.pieceLength
            let count = min(Self.chunkByteCount, place.pieceLength - offset, place.range.upperBound - position)
            let request = ReadRequest(
                span: ReadingSpan(pieces: piece..<last + 1, bytesPerSecond: bytesPerSecond),
                offset: offset,
                count: count
            )
            let isCancelled = RaisedFlag()
            return try await withTaskCancellationHandler {
                try await driver.loop.flatSubmit { [driver, id] in
                    // It may have been cancelled before it began; then nobody would end it.
                    guard !isCancelled.isRaised else { return driver.loop.makeFailedFuture(CancellationError()) }
                    return driver.read(request, for: id)
                }.get()
            } onCancel: {
                isCancelled.raise()
                driver.loop.execute { [driver, id] in driver.endReading(id) }
            }
        }

        func end() {
            driver.loop.execute { [driver, id] in driver.endReading(id) }
            torrent.letGo()
        }
    }
}
