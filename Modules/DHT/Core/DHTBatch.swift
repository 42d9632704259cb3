// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// One call of the core: the time, randomness, and the resulting effects.
struct DHTBatch {
    let time: Instant
    var generator: any RandomNumberGenerator
    /// The effects in the order in which to perform them.
    private(set) var effects: [DHTEffect] = []

    init(time: Instant, random: any RandomNumberGenerator) {
        self.time = time
        generator = random
    }

    mutating func add(_ effect: DHTEffect) { effects.append(effect) }
}

/// What the driver must send or report.
enum DHTEffect: Sendable {
    case send([UInt8], to: PeerEndpoint)
    /// Peers that a search found; each is reported once.
    case peers(SearchNumber, [PeerEndpoint])
    /// An item, or a later version of it.
    case item(SearchNumber, DHTItem)
    /// The end of a search.
    case finished(SearchNumber, SearchResult)
}
