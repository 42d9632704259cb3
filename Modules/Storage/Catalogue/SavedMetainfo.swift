// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Copies of metainfo in a state folder, from which torrents are opened that only a catalogue knows of.
package enum SavedMetainfo {
    /// The torrent's metainfo, as it was saved. Blocks.
    ///
    /// Throws `StorageError`: `.missing` where there is no copy, `.corrupt` where it is not that torrent's (its info-hash is
    /// computed). Throws `CancellationError` once `isCancelled` says that nobody waits for it.
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
    /// Whether these are the hashes that a torrent is known by: a magnet may have named one of a hybrid's two.
    fileprivate func isOf(_ known: InfoHashes) -> Bool {
        (known.v1 == nil || known.v1 == v1) && (known.v2 == nil || known.v2 == v2)
    }
}
