// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How far some long work on bytes has come.
public struct ByteProgress: Hashable, Sendable {
    /// Bytes dealt with; never falls.
    public let doneByteCount: Int
    /// Bytes in all.
    public let totalByteCount: Int

    /// From 0 to 1; 1 for no work.
    public var fraction: Double { totalByteCount == 0 ? 1 : Double(doneByteCount) / Double(totalByteCount) }
}

/// Told of progress on a worker thread, one call at a time, at most about a thousand times for one job.
public typealias ByteProgressHandler = @Sendable (ByteProgress) -> Void

/// Sums the progress of several threads and passes it on in order.
final class ProgressMeter: Sendable {
    private struct State {
        var done = 0
        var reported = 0
    }

    private let total: Int
    private let step: Int
    private let handler: ByteProgressHandler?
    private let state = Mutex(State())

    init(total: Int, handler: ByteProgressHandler?) {
        self.total = total
        self.handler = handler
        step = max(1, total / 1000)
    }

    /// Counts `byteCount` more.
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
