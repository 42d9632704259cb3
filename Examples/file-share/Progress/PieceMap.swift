// SPDX-License-Identifier: Apache-2.0

import RucheWire

/// Draws pieces as a row of blocks: the darker a block, the more of its pieces are present.
enum PieceMap {
    private static let shades: [Character] = ["·", "░", "▒", "▓", "█"]

    /// Returns `width` blocks for all pieces.
    static func cells(of pieces: Bitfield, width: Int) -> String {
        guard pieces.count > 0, width > 0 else { return "" }
        var here = Array(repeating: 0, count: width)
        var all = Array(repeating: 0, count: width)
        for piece in 0..<max(pieces.count, width) {
            // With few pieces, one piece covers several blocks; otherwise one block covers several pieces.
            let cell = piece * width / max(pieces.count, width)
            all[cell] += 1
            if pieces[PieceIndex(piece * pieces.count / max(pieces.count, width))] { here[cell] += 1 }
        }
        return String(zip(here, all).map { shade(Double($0) / Double(max(1, $1))) })
    }

    /// Returns a progress bar.
    static func bar(_ fraction: Double, width: Int) -> String {
        let full = Int(Double(width) * min(max(fraction, 0), 1))
        return String(repeating: "█", count: full) + String(repeating: "·", count: max(0, width - full))
    }

    /// The full shade only if nothing is missing, and the empty one only if nothing is present.
    private static func shade(_ share: Double) -> Character {
        if share <= 0 { return shades[0] }
        return share >= 1 ? shades[4] : shades[1 + Int(share * 3)]
    }
}
