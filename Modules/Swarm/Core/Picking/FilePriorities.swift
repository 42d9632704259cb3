// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Maps what the user wants of files to what the picker wants of pieces.
package enum FilePriorities {
    /// A priority for each piece: the highest of the files that it touches. `priorities` is by index in `files`; what
    /// it lacks counts as normal. Padding and empty files touch nothing, and a piece that no file touches is skipped.
    package static func piecePriorities(
        of files: [FileEntry],
        _ priorities: [PiecePriority],
        in geometry: PieceGeometry
    ) -> [PiecePriority] {
        var pieces = [PiecePriority](repeating: .skip, count: geometry.pieceCount)
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
