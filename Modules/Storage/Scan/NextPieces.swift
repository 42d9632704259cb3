// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Hands out pieces in order to several threads. Towards the end, batches shrink so that all threads have work.
final class NextPieces: Sendable {
    private struct State {
        var next = 0
        var left: Int
    }

    private let pieces: Bitfield
    private let plan: ScanPlan
    private let state: Locked<State>

    init(_ pieces: Bitfield, plan: ScanPlan) {
        self.pieces = pieces
        self.plan = plan
        state = Locked(State(left: pieces.setCount))
    }

    /// Returns the next pieces to hash side by side; nil at the end.
    func take(_ geometry: PieceGeometry) -> [PieceIndex]? {
        state.withLock { state in
            let share = (state.left + plan.threadCount - 1) / plan.threadCount
            var taken: [PieceIndex] = []
            var byteCount = 0
            while state.next < pieces.count, taken.count < min(share, plan.batchCount), byteCount < plan.batchByteCount
            {
                let piece = PieceIndex(state.next)
                state.next += 1
                guard pieces[piece] else { continue }
                taken.append(piece)
                byteCount += geometry.dataByteCount(of: piece)
            }
            state.left -= taken.count
            return taken.isEmpty ? nil : taken
        }
    }
}
