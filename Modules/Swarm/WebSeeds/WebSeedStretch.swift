// SPDX-License-Identifier: Apache-2.0

internal import RucheTrackers
internal import RucheWire

/// A stretch of a file that is fetched by as many answers as it takes: some servers cut theirs short.
///
/// Each answer brings at least a block, or the rest: otherwise a server would have us ask for every byte.
struct WebSeedStretch {
    /// What is still to come.
    private(set) var rest: Range<Int>

    init(_ range: Range<Int>) { rest = range }

    /// An answer brought the first `byteCount` bytes of `rest`.
    ///
    /// - Throws: What strikes the file out, where that is too little.
    mutating func handleAnswer(of byteCount: Int) throws(WebSeedFailure) {
        guard byteCount >= min(Block.byteCount, rest.count) else {
            throw WebSeedFailure("\(byteCount) bytes came of \(rest.count) asked for", .strikeOutFile)
        }
        rest = min(rest.lowerBound + byteCount, rest.upperBound)..<rest.upperBound
    }
}
