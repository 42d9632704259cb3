// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A set of pieces as ranges of neighbours.
struct PieceRuns: Hashable, Sendable {
    private(set) var runs: [Range<UInt32>] = []

    init(_ pieces: some Sequence<PieceIndex>) {
        for piece in pieces where piece.rawValue < .max {
            if let last = runs.last, last.upperBound == piece.rawValue {
                runs[runs.count - 1] = last.lowerBound..<piece.rawValue + 1
            } else {
                runs.append(piece.rawValue..<piece.rawValue + 1)
            }
        }
    }

    init(runs: [Range<UInt32>]) { self.runs = runs }

    func forEachPiece(_ body: (PieceIndex) -> Void) {
        for run in runs {
            for piece in run { body(PieceIndex(piece)) }
        }
    }

    var isEmpty: Bool { runs.isEmpty }
}
