// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Maps what the user wants of files to what the picker wants of pieces.
package enum FilePriorities {
    /// A priority for each piece: the highest of the files that it touches. `priorities` is by index in `files`;
    /// what it lacks counts as normal. Padding and empty files touch nothing.
    package static func piecePriorities(
        of files: [FileEntry],
        _ priorities: [PiecePriority],
        in geometry: PieceGeometry
    ) -> [PiecePriority] { [] }
}
