// SPDX-License-Identifier: Apache-2.0

/// Finds out how long a film plays, and which bytes a player reads before the first picture, from a few bytes of the
/// file.
///
///     box at offset ──▶ … ──▶ index ──▶ over        ISO base media (MP4, MOV): the boxes at the top, up to `moov`
///          └──────────▶ over                        Matroska, WebM: the beginning of the file contains the duration
///
/// Its owner reads what `nextRange` requests and gives it to `handleBytes`, until there is no next range. Every file is
/// accepted: one that it cannot read has no duration.
package struct FilmProbe: Sendable {
    private enum State {
        /// A box starts here.
        case box(at: Int, steps: Int)
        /// The index of an MP4 file.
        case index(Range<Int>)
        case over
    }

    /// The duration in seconds; nil if it is unknown.
    package private(set) var seconds: Double?

    private let byteCount: Int
    private let limits: StreamingLimits
    private var state = State.box(at: 0, steps: 0)

    /// Bytes that are read at a box: enough for its header, and for the beginning of a Matroska file.
    private static let firstByteCount = 64 * 1024
    private static let headerByteCount = 16

    package init(byteCount: Int, limits: StreamingLimits = StreamingLimits()) {
        self.byteCount = byteCount
        self.limits = limits
    }

    /// The bytes per second of the whole file; nil if its duration is unknown.
    package var bytesPerSecond: Int? {
        guard let seconds, seconds >= 1 else { return nil }
        return max(1, Int(Double(byteCount) / seconds))
    }

    /// The bytes to read next, none of them beyond the end of the file; nil at the end.
    package var nextRange: Range<Int>? {
        switch state {
        case .box(let start, let steps):
            let count = steps == 0 ? Self.firstByteCount : Self.headerByteCount
            return start < byteCount ? start..<start + min(count, byteCount - start) : nil
        case .index(let range): return range
        case .over: return nil
        }
    }

    /// Handles the bytes of `nextRange`.
    package mutating func handleBytes(_ bytes: [UInt8]) {
        switch state {
        case .box(let start, let steps):
            if steps == 0, Matroska.isBeginning(bytes) {
                seconds = Matroska.seconds(in: bytes)
                state = .over
            } else {
                handleBox(bytes, at: start, steps: steps)
            }
        case .index:
            seconds = MovieIndex.seconds(in: bytes)
            state = .over
        case .over: break
        }
    }

    private mutating func handleBox(_ bytes: [UInt8], at start: Int, steps: Int) {
        guard let box = MovieBox(bytes[...], roomToEnd: byteCount - start), steps > 0 || box.isBeginning,
            steps < limits.indexSteps
        else {
            state = .over
            return
        }
        let end = start + box.byteCount
        guard box.name == "moov" else {
            state = end < byteCount ? .box(at: end, steps: steps + 1) : .over
            return
        }
        state = .index(start..<min(end, start + limits.indexByteCount))
    }
}
