// SPDX-License-Identifier: Apache-2.0

/// How much of its content a torrent has, verified and stored.
enum ContentHolding: Comparable, Sendable {
    /// Wanted pieces are missing.
    case part
    /// Every wanted piece is here.
    case wanted
    /// Every piece is here.
    case whole
}

extension SwarmCore {
    /// How much of the content is here.
    var holding: ContentHolding { isSeed ? .whole : isFinished ? .wanted : .part }
}
