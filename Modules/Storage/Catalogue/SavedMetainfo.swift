// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Copies of metainfo in a state folder, used to open torrents that only a catalogue knows.
package enum SavedMetainfo {
    /// Loads the saved metainfo of a torrent. Blocks.
    ///
    /// Throws `StorageError`: `.missing` if there is no copy, `.corrupt` if its computed info-hash is that of another
    /// torrent. Throws `CancellationError` once `isCancelled` returns true.
    package static func load(
        _ hashes: InfoHashes,
        in folder: String,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws -> Metainfo {
        let path = "\(folder)/\(StateFolder.metainfoName(hashes))"
        let bytes = try SmallFile.read(path, limit: WireLimits.standard.bencodeByteCount)
        let metainfo: Metainfo
        do throws(MetainfoError) {
            metainfo = try MetainfoParser.parse(bytes, work: ParsingWork(isCancelled: isCancelled))
        } catch {
            guard error.code != .cancelled else { throw CancellationError() }
            throw StorageError(.corrupt, operation: "read", path: path, reason: "it is damaged: \(error)")
        }
        guard metainfo.info.hashes.isOf(hashes) else {
            throw StorageError(.corrupt, operation: "read", path: path, reason: "it belongs to another torrent")
        }
        return metainfo
    }
}

extension InfoHashes {
    /// Whether these hashes match the known ones. A magnet link may have named only one of a hybrid's two hashes.
    fileprivate func isOf(_ known: InfoHashes) -> Bool {
        (known.v1 == nil || known.v1 == v1) && (known.v2 == nil || known.v2 == v2)
    }
}
