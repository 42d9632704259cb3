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

    @Test(arguments: [512, 1_024, 2_048, 4_096, 20_000, 65_536, 1 << 20])
    func sharesFit(descriptors: Int) {
        let plan = DescriptorPlan(descriptors: descriptors, wanted: wanted)
        let torrents = (plan.awakeTorrents + wanted.userTorrents) * (2 + plan.openFilesPerTorrent)
        let most = DescriptorPlan.reserved + plan.connections + plan.strangers + plan.dials + torrents
        #expect(most <= descriptors)
        #expect(plan.awakeTorrents > 0 && plan.openFilesPerTorrent > 0 && plan.connections > 0)
    }

    @Test func plentyChangesNothing() {
        let plan = DescriptorPlan(descriptors: 1 << 20, wanted: wanted)
        #expect(plan.connections == 500 && plan.strangers == 256 && plan.dials == 128)
        #expect(plan.awakeTorrents == 1_000 && plan.openFilesPerTorrent == 64)
    }
}
