// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import RucheWire
import Testing

/// Small versions of the crowds in docs/performance/scheduling.md: how near scheduling comes to the fluid bound.
@Suite struct SchedulingTests {
    private static let link = LinkCapacity(uplinkBytesPerSecond: 128 << 10, downlinkBytesPerSecond: 1 << 20)
    private static let seedLink = LinkCapacity(uplinkBytesPerSecond: 512 << 10, downlinkBytesPerSecond: 1 << 20)

    private func crowd(_ groups: [Crowd.Group]) -> Crowd {
        var crowd = Crowd(seed: Self.seedLink, groups)
        crowd.pieceCount = 192
        crowd.limits.peersPerTorrent = 40
        return crowd
    }

    private func home(_ count: Int, _ conduct: Conduct = .honest) -> Crowd.Group {
        Crowd.Group(count, Self.link, conduct)
    }

    @Test func `A flash crowd comes near the bound`() throws {
        let result = try crowd([home(60)]).run(seed: 1)
        #expect(result.sharers.lastCompletion < 1.3 * result.boundSeconds)
        #expect(result.sharers.meanSeconds < 1.2 * result.boundSeconds)
        #expect(result.redundantShare < 0.02)
        #expect(result.seedUploadedByteCount < 5 * result.byteCount + result.byteCount / 2)
    }

    @Test func `A lone seed sends little twice before one full copy is out`() throws {
        var lone = crowd([home(40)])
        lone.seed = Self.link
        let result = try lone.run(seed: 2)
        #expect(result.sharers.lastCompletion < 1.6 * result.boundSeconds)
    }

    @Test func `Peers that leave once complete delay no other`() throws {
        var leaving = crowd([home(60)])
        leaving.departure = .onCompletion(share: 0.3)
        let result = try leaving.run(seed: 3)
        #expect(result.sharers.lastCompletion < 1.4 * result.boundSeconds)
    }

    @Test func `A peer that joins late is soon served`() throws {
        var joining = crowd([home(60)])
        joining.arrival = .poisson(perSecond: 0.6)
        let result = try joining.run(seed: 4)
        #expect(result.sharers.lastCompletion < 1.4 * result.boundSeconds)
    }

    @Test func `Free riders lose, and sharers hardly do`() throws {
        var alone = crowd([home(48)])
        alone.departure = .onEvenRatio
        var mixed = alone
        mixed.groups.append(home(12, .freeRider))
        let (without, with) = (try alone.run(seed: 5), try mixed.run(seed: 5))
        #expect(with.riders.meanLeastSeconds > 1.5 * with.sharers.meanSeconds)
        #expect(with.sharers.meanSeconds < 1.2 * without.sharers.meanSeconds)
    }
}
