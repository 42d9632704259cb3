// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Counts bytes as users expect: those of wanted files, without padding.
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
            done += count(file, pieceLength, have: have)
        }
        return (done, total)
    }

    /// Returns the bytes of one file that are in the pieces of `have`.
    static func count(_ file: FileEntry, _ pieceLength: Int, have: Bitfield) -> Int {
        guard file.size > 0 else { return 0 }
        return file.pieces(ofLength: pieceLength).reduce(into: 0) { sum, piece in
            guard have[PieceIndex(piece)] else { return }
            sum += file.range.clamped(to: piece * pieceLength..<(piece + 1) * pieceLength).count
        }
    }
}
