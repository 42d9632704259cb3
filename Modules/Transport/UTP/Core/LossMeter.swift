// SPDX-License-Identifier: Apache-2.0

/// The fraction of recent packets that were lost.
struct LossMeter {
    private var packets = 0
    private var lost = 0

    /// Older packets count half once this many have been seen.
    private static let memory = 2048

    /// Whether at most one packet in a hundred was lost recently; a single loss is always tolerated.
    var isLow: Bool { lost * 100 <= max(100, packets) }

    mutating func handle(acknowledged: Int, lost: Int) {
        packets += acknowledged + lost
        self.lost += lost
        if packets > Self.memory {
            packets /= 2
            self.lost /= 2
        }
    }
}
