// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension PieceIndex {
    /// The indices of all pieces of a torrent with `count` pieces.
    static func all(_ count: Int) -> some Sequence<PieceIndex> { (0..<count).lazy.map { PieceIndex($0) } }
}
