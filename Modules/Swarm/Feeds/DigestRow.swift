// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Digests in order, to which more are appended while verifiers on other threads hold what there was: a copy shares all
/// chunks but the last with the original.
struct DigestRow: Sendable {
    private static let chunkCount = 1_024

    private var chunks: [[SHA256Digest]] = []
    private(set) var count = 0

    subscript(index: Int) -> SHA256Digest { chunks[index / Self.chunkCount][index % Self.chunkCount] }

    subscript(range: Range<Int>) -> [SHA256Digest] { range.map { self[$0] } }

    mutating func append(_ digests: some Sequence<SHA256Digest>) {
        for digest in digests {
            if count.isMultiple(of: Self.chunkCount) { chunks.append([]) }
            chunks[chunks.count - 1].append(digest)
            count += 1
        }
    }
}
