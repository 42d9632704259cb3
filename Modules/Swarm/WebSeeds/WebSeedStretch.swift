// SPDX-License-Identifier: Apache-2.0

internal import RucheTrackers
internal import RucheWire

/// A range of a file that is fetched with as many responses as necessary, because some servers shorten theirs.
///
/// Each response must bring at least a block, or the rest; otherwise a server could make us request every byte
/// separately.
struct WebSeedStretch {
    /// The range that is still missing.
    private(set) var rest: Range<Int>

    init(_ range: Range<Int>) { rest = range }

    /// Records a response with the first `byteCount` bytes of `rest`.
    ///
    /// - Throws: A failure that strikes the file out, if there are too few bytes.
    mutating func handleAnswer(of byteCount: Int) throws(WebSeedError) {
        guard byteCount >= min(Block.byteCount, rest.count) else {
            throw WebSeedError("\(byteCount) bytes arrived of \(rest.count) requested", .strikeOutFile)
        }
        rest = min(rest.lowerBound + byteCount, rest.upperBound)..<rest.upperBound
    }
}
