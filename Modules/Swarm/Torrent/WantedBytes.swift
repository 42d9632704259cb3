// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Counts bytes as a person would: those of the files that are wanted, without padding.
enum WantedBytes {
    static func count(
        _ info: TorrentInfo,
        wanted: (Int) -> Bool,
        have: Bitfield
    ) -> (done: Int, total: Int) {
        var done = 0
        var total = 0
        let pieceLength = info.geometry.pieceLength
        for (index, file) in info.files.enumerated() where !file.isPadding && file.size > 0 && wanted(index) {
            total += file.size
            if have.isComplete {
                done += file.size
                continue
            }
            for piece in file.pieces(ofLength: pieceLength) where have[PieceIndex(piece)] {
                let bytes = file.range.clamped(to: piece * pieceLength..<(piece + 1) * pieceLength)
                done += bytes.count
            }
        }
        return (done, total)
    }
}
