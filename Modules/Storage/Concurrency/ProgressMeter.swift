// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The progress of long work on bytes.
public struct ByteProgress: Hashable, Sendable {
    /// Bytes processed; never decreases.
    public let doneByteCount: Int
    /// Bytes in total.
    public let totalByteCount: Int

    /// The progress from 0 to 1; 1 if there is no work.
    public var fraction: Double { totalByteCount == 0 ? 1 : Double(doneByteCount) / Double(totalByteCount) }
}

/// Receives progress on a worker thread, one call at a time, at most about a thousand times per job.
public typealias ByteProgressHandler = @Sendable (ByteProgress) -> Void

/// Sums the progress of several threads and reports it in order.
final class ProgressMeter: Sendable {
    private struct State {
        var done = 0
        var reported = 0
    }

    private let total: Int
    private let step: Int
    private let handler: ByteProgressHandler?
    private let state = Locked(State())

    init(total: Int, handler: ByteProgressHandler?) {
        self.total = total
        self.handler = handler
        step = max(1, total / 1000)
    }

    /// Adds `byteCount` processed bytes.
    func add(_ byteCount: Int) {
        guard let handler else { return }
        state.withLock { state in
            state.done += byteCount
            guard state.done - state.reported >= step || state.done == total else { return }
            state.reported = state.done
            handler(ByteProgress(doneByteCount: state.done, totalByteCount: total))
        }
    }
}
