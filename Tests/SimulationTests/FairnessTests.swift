// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import RucheWire
import Testing

/// A hundred equal peers and a seed that is no faster: everything must leave the seed once, and the rest comes from
/// others.
@Suite struct FairnessTests {
    private static let link = LinkCapacity(uplinkBytesPerSecond: 64 << 10, downlinkBytesPerSecond: 4 << 20)

    private func equals(_ seed: UInt64) throws -> CrowdResult {
        var crowd = Crowd(seed: Self.link, [Crowd.Group(100, Self.link)])
        (crowd.pieceCount, crowd.pieceLength) = (128, 32 << 10)
        crowd.limits.peersPerTorrent = 40
        return try crowd.run(seed: seed)
    }

    @Test(arguments: 22...24 as ClosedRange<UInt64>)
    func `A hundred equal peers all come near the fluid bound`(seed: UInt64) throws {
        let result = try equals(seed)
        let (bound, sharers) = (result.boundSeconds, result.sharers)
        let first = sharers.map(\.seconds).min() ?? 0
        #expect(sharers.count == 100)
        // The seed's uplink is the limit: it must send everything once.
        #expect(bound == Double(result.byteCount) / Double(Self.link.uplinkBytesPerSecond))
        #expect(first >= bound && sharers.lastCompletion < 1.55 * bound, "\(first) to \(sharers.lastCompletion) s")
        // No peer waits much longer than others, and none takes without giving.
        #expect(sharers.lastCompletion < 1.25 * first)
        #expect(sharers.allSatisfy { 5 * $0.uploadedByteCount > result.byteCount })
        #expect(result.seedUploadedByteCount < result.byteCount * 8 / 5)
    }
}
