// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Translates priorities of files into priorities of pieces.
package enum FilePriorities {
    /// Returns the priority of each piece: the highest among the files it overlaps. `priorities` is indexed like
    /// `files`; missing entries count as normal. Padding and empty files do not count, and a piece that overlaps no
    /// other file is skipped.
    package static func piecePriorities(
        of files: [FileEntry],
        _ priorities: [FetchPriority],
        in geometry: PieceGeometry
    ) -> [FetchPriority] {
        var pieces = [FetchPriority](repeating: .skip, count: geometry.pieceCount)
        for (index, file) in files.enumerated() where !file.isPadding && file.size > 0 {
            let priority = index < priorities.count ? priorities[index] : .normal
            let first = file.offset / geometry.pieceLength
            let last = (file.offset + file.size - 1) / geometry.pieceLength
            guard first >= 0, first < pieces.count else { continue }
            for piece in first...min(last, pieces.count - 1) { pieces[piece] = max(pieces[piece], priority) }
        }
        return pieces
    }
}
