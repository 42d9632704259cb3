// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// Bytes that a reader requests: part of the piece that it waits for.
package struct ReadRequest: Sendable {
    var span: ReadingSpan
    /// The offset in the first piece of the span, and the number of bytes.
    var offset: Int
    var count: Int

    package init(span: ReadingSpan, offset: Int, count: Int) {
        self.span = span
        self.offset = offset
        self.count = count
    }
}

/// A reader's request whose piece is not stored yet.
struct WaitingRead {
    let request: ReadRequest
    let promise: EventLoopPromise<[UInt8]>
}

/// Readers of the content: they wait for pieces, and get the bytes from the disk.
extension SwarmDriver {
    /// Returns the bytes once their piece is verified and stored. A reader has one request at a time.
    ///
    /// Fails with `TorrentError` or `StorageError`; with `CancellationError` once `endReading` is called.
    package func read(_ request: ReadRequest, for id: ReaderID) -> EventLoopFuture<[UInt8]> {
        loop.assertInEventLoop()
        let promise = loop.makePromise(of: [UInt8].self)
        reading.updateValue(WaitingRead(request: request, promise: promise), forKey: id)?.promise
            .fail(CancellationError())
        tell { $0.handleReader(id, at: request.span, in: &$1) }
        drain()
        return promise.futureResult
    }

    /// Handles a reader that has left.
    package func endReading(_ id: ReaderID) {
        loop.assertInEventLoop()
        reading.removeValue(forKey: id)?.promise.fail(CancellationError())
        tell { $0.handleReaderLeft(id, in: &$1) }
        drain()
    }

    /// Fails all readers, because nothing more can be read.
    func failReaders(_ error: TorrentError) {
        loop.assertInEventLoop()
        let waiting = reading.sorted { $0.key < $1.key }
        reading = [:]
        for (_, read) in waiting { read.promise.fail(error) }
    }

    func handleReading(_ id: ReaderID, _ news: ReadingNews) {
        guard let waiting = reading.removeValue(forKey: id) else { return }
        switch news {
        case .here: read(waiting)
        case .unwanted: waiting.promise.fail(TorrentError.unwanted)
        }
    }

    private func read(_ waiting: WaitingRead) {
        let (request, promise) = (waiting.request, waiting.promise)
        let piece = PieceIndex(request.span.pieces.lowerBound)
        guard let disk else { return promise.fail(TorrentError(.notReady, "the torrent is not open yet")) }
        submit {
            try disk.read(piece, offset: request.offset, count: request.count)
        } then: { [self] result in
            if case .failure(let error) = result { handleDiskFailure(of: .read(piece), error) }
            promise.completeWith(result)
        }
    }
}

extension TorrentError {
    /// The requested bytes will not be downloaded.
    static let unwanted = TorrentError(.notWanted, "the file is not wanted; give it a priority to read it")
}
