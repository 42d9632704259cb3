// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import RucheWire
import Testing

/// A hundred equals and a seed that is no faster than they are: everything has to leave the seed once, and all that is
/// had after that comes from others.
@Suite struct FairnessTests {
    private static let link = LinkCapacity(uplinkBytesPerSecond: 64 << 10, downlinkBytesPerSecond: 4 << 20)

    private func equals(_ seed: UInt64) throws -> CrowdResult {
        var crowd = Crowd(seed: Self.link, [Crowd.Group(100, Self.link)])
        (crowd.pieceCount, crowd.pieceLength) = (128, 32 << 10)
        crowd.limits.peersPerTorrent = 40
        return try crowd.run(seed: seed)
    }

    @Test(arguments: 22...24 as ClosedRange<UInt64>)
    func `A hundred equals come near the fluid bound, all of them`(seed: UInt64) throws {
        let result = try equals(seed)
        let (bound, sharers) = (result.boundSeconds, result.sharers)
        let first = sharers.map(\.seconds).min() ?? 0
        #expect(sharers.count == 100)
        // The seed's uplink decides: it has to send everything once.
        #expect(bound == Double(result.byteCount) / Double(Self.link.uplinkBytesPerSecond))
        #expect(first >= bound && sharers.lastCompletion < 1.55 * bound, "\(first) to \(sharers.lastCompletion) s")
        // Nobody waits much longer than others, and nobody takes without giving.
        #expect(sharers.lastCompletion < 1.25 * first)
        #expect(sharers.allSatisfy { 5 * $0.uploadedByteCount > result.byteCount })
        #expect(result.seedUploadedByteCount < result.byteCount * 8 / 5)
    }
}
