// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// Adding a torrent by its file or magnet link.
extension Session {
    /// Adds a torrent by the path of its .torrent file, which is read and parsed off the caller's thread.
    ///
    /// - Throws: `TorrentError`: `torrentFile` if the file cannot be read or is not a torrent, `duplicate` if the
    ///   session already has the torrent, which the error contains.
    @discardableResult
    public func add(torrentFile path: String, options: AddOptions = AddOptions()) async throws -> Torrent {
        let stop = RaisedFlag()
        let metainfo = try await withTaskCancellationHandler {
            try await environment.runtime.blocking.perform {
                do {
                    let bytes = try SmallFile.read(path, limit: WireLimits.standard.bencodeByteCount)
                    return try MetainfoParser.parse(bytes, work: ParsingWork { stop.isRaised })
                } catch let error as MetainfoError {
                    if error.code == .cancelled { throw CancellationError() }
                    throw TorrentError(.torrentFile, "\(path) is no torrent: \(error)")
                } catch let error as StorageError {
                    throw TorrentError(.torrentFile, error.description)
                }
            }
        } onCancel: {
            stop.raise()
        }
        return try await add(metainfo, options: options)
    }

    /// Sets the limits for all torrents together, in bytes per second; nil for no limit.
    public func setRates(downloadBytesPerSecond: Int?, uploadBytesPerSecond: Int?) {
        environment.downloadLimit.setRate(downloadBytesPerSecond, at: .now)
        environment.uploadLimit.setRate(uploadBytesPerSecond, at: .now)
    }
}
