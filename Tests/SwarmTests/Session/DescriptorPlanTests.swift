// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RucheSwarm

/// A session never plans to open more descriptors than there are.
struct DescriptorPlanTests {
    private let wanted = DescriptorPlan.Wanted(
        connections: 500,
        strangers: 256,
        dials: 128,
        awakeTorrents: 1_000,
        userTorrents: 24,
        openFilesPerTorrent: 64
    )

    @Test(arguments: [512, 1_024, 2_048, 4_096, 20_000, 65_536, 1 << 20], [1, 2, 16])
    func sharesFit(descriptors: Int, loopCount: Int) {
        let plan = DescriptorPlan(descriptors: descriptors, loopCount: loopCount, wanted: wanted)
        let torrents = (plan.awakeTorrents + wanted.userTorrents) * (2 + plan.openFilesPerTorrent)
        let connections = plan.connections + plan.strangers + plan.dials
        #expect(DescriptorPlan.reserved(loopCount: loopCount) + connections + torrents <= descriptors)
        #expect(plan.awakeTorrents > 0 && plan.openFilesPerTorrent > 0 && plan.connections > 0)
    }

    @Test func plentyChangesNothing() {
        let plan = DescriptorPlan(descriptors: 1 << 20, loopCount: 2, wanted: wanted)
        #expect(plan.connections == 500 && plan.strangers == 256 && plan.dials == 128)
        #expect(plan.awakeTorrents == 1_000 && plan.openFilesPerTorrent == 64)
    }
}
