// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// One call of the core: the time, chance, and what the core wants done.
struct DHTBatch {
    let time: Instant
    var generator: any RandomNumberGenerator
    /// In the order in which they must be carried out.
    private(set) var effects: [DHTEffect] = []

    init(time: Instant, random: any RandomNumberGenerator) {
        self.time = time
        generator = random
    }

    mutating func add(_ effect: DHTEffect) { effects.append(effect) }
}

/// What the driver must do, or tell.
enum DHTEffect: Sendable {
    case send([UInt8], to: PeerEndpoint)
    /// Peers that a search has found, none of them twice.
    case peers(SearchNumber, [PeerEndpoint])
    /// An item, or a later version of it.
    case item(SearchNumber, DHTItem)
    /// Nothing more comes of the search.
    case finished(SearchNumber, SearchResult)
}
