// SPDX-License-Identifier: Apache-2.0

import RucheStreaming
import RucheSwarm

/// Commands that use one file of a torrent.
extension Torrent {
    /// Waits until the files are known, and returns the one at `path`, or the largest film; the others are not
    /// downloaded. Throws if there is no such file.
    func choose(_ path: String?) async throws -> TorrentFile {
        let files = try await filesOnceKnown()
        let file = try files.choose(path)
        let others = files.filter { $0.id != file.id }
        try await setPriorities(Dictionary(uniqueKeysWithValues: others.map { ($0.id, .skip) }))
        return file
    }

    private func filesOnceKnown() async throws -> [TorrentFile] {
        for await status in status {
            if case .failed(let error) = status.state { throw error }
            if case .suspended(let error) = status.state { throw error }
            if status.pieces != nil { return try await files }
        }
        throw CancellationError()
    }
}

extension [TorrentFile] {
    /// Returns the file at `path`, or below a folder of that path; without a path, the largest film or music, or else the
    /// largest file.
    fileprivate func choose(_ path: String?) throws -> TorrentFile {
        guard let path else {
            let films = filter(\.isPlayable)
            guard let largest = (films.isEmpty ? self : films).max(by: { $0.size < $1.size }) else {
                throw CommandFailure("the torrent has no files")
            }
            return largest
        }
        // Compared by bytes first, because two normal forms of a name are two files.
        let found =
            first { $0.path.utf8.elementsEqual(path.utf8) }
            ?? first { $0.path == path || $0.path.hasSuffix("/" + path) }
        guard let found else {
            let paths = prefix(20).map { "  \($0.path)" }.joined(separator: "\n")
            throw CommandFailure("there is no file \(path) in this torrent; it has:\n\(paths)")
        }
        return found
    }
}
