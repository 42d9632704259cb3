// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheTransport

/// How a connection shares a link, measured in virtual time.
struct UTPCongestionTests {
    /// RFC 6817 would halve the window for each loss, and get a tenth of the link at one in a thousand.
    @Test(arguments: [0, 0.001, 0.005]) func aFastLongLinkIsFilled(lossShare: Double) {
        let path = VirtualPath(seed: 1, there: .init(bitsPerSecond: 300e6, lossShare: lossShare), back: .init())
        let flow = path.addFlow(byteCount: .max)
        path.run(for: .seconds(20 as Int))
        let bits = Double(flow.ends[1].read) * 8 / 20
        #expect(bits >= 0.8 * 300e6)
        #expect(path.links[0].waited.longest < 0.1)
    }

    @Test func itYieldsToTCPInADeepQueue() throws {
        let path = VirtualPath(
            seed: 2,
            there: .init(bitsPerSecond: 20e6, queue: .milliseconds(200)),
            back: .init()
        )
        let flow = path.addFlow(byteCount: .max)
        path.run(for: .seconds(10 as Int))
        #expect(path.links[0].waited.longest < 0.1)
        path.addReno()
        path.run(for: .seconds(10 as Int))
        let before = (flow.ends[1].read, path.reno?.delivered ?? 0)
        path.run(for: .seconds(30 as Int))
        let ours = flow.ends[1].read - before.0
        let theirs = ((path.reno?.delivered ?? 0) - before.1) * VirtualReno.packetBytes
        #expect(theirs > 4 * ours)
        #expect(ours > 0)
    }

    @Test func itYieldsToTCPThroughAShortQueue() {
        let path = VirtualPath(
            seed: 3,
            there: .init(bitsPerSecond: 20e6, queue: .milliseconds(10)),
            back: .init()
        )
        let flow = path.addFlow(byteCount: .max)
        path.run(for: .seconds(10 as Int))
        path.addReno()
        path.run(for: .seconds(10 as Int))
        let before = (flow.ends[1].read, path.reno?.delivered ?? 0)
        path.run(for: .seconds(60 as Int))
        let ours = flow.ends[1].read - before.0
        let theirs = ((path.reno?.delivered ?? 0) - before.1) * VirtualReno.packetBytes
        #expect(theirs > ours)
    }

    @Test(arguments: [-0.0001, 0.0001]) func clocksThatDriftDoNotSlowItDown(clockError: Double) {
        let path = VirtualPath(seed: 4, there: .init(bitsPerSecond: 2e6), back: .init())
        let flow = path.addFlow(byteCount: .max)
        flow.ends[1].clockError = clockError
        path.run(for: .minutes(15))
        let before = flow.ends[1].read
        path.run(for: .minutes(2))
        #expect(Double(flow.ends[1].read - before) * 8 / 120 > 0.8 * 2e6)
    }
}
