// SPDX-License-Identifier: Apache-2.0

import RucheWire

/// Pieces as a row of blocks: the darker, the more of those below a block are here.
enum PieceMap {
    private static let shades: [Character] = ["·", "░", "▒", "▓", "█"]

    /// `width` blocks for all the pieces.
    static func cells(of pieces: Bitfield, width: Int) -> String {
        guard pieces.count > 0, width > 0 else { return "" }
        var here = Array(repeating: 0, count: width)
        var all = Array(repeating: 0, count: width)
        for piece in 0..<max(pieces.count, width) {
            // A torrent of few pieces has many blocks a piece, else it is the other way round.
            let cell = piece * width / max(pieces.count, width)
            all[cell] += 1
            if pieces[PieceIndex(piece * pieces.count / max(pieces.count, width))] { here[cell] += 1 }
        }
        return String(zip(here, all).map { shade(Double($0) / Double(max(1, $1))) })
    }

    /// A plain bar.
    static func bar(_ fraction: Double, width: Int) -> String {
        let full = Int(Double(width) * min(max(fraction, 0), 1))
        return String(repeating: "█", count: full) + String(repeating: "·", count: max(0, width - full))
    }

    /// Full only where nothing is missing, and empty only where nothing is here.
    private static func shade(_ share: Double) -> Character {
        if share <= 0 { return shades[0] }
        return share >= 1 ? shades[4] : shades[1 + Int(share * 3)]
    }
}
