// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTransport
import RucheWire
import Testing

@testable import RucheTransport

/// All bytes arrive in order over links of every kind, by seed.
struct UTPSimulationTests {
    @Test(arguments: 0..<40 as Range<UInt64>) func allBytesArriveInOrder(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let path = VirtualPath(seed: seed, there: drawn(&random), back: drawn(&random))
        let byteCounts = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            (Int.random(in: 0...2_000_000, using: &random), Int.random(in: 0...200_000, using: &random))
        }
        for (there, back) in byteCounts {
            let flow = path.addFlow(byteCount: there)
            flow.ends[1].toWrite = back
            for end in flow.ends { end.clockError = Double.random(in: -0.0001...0.0001, using: &random) }
        }
        path.run(for: .minutes(30)) {
            zip(path.flows, byteCounts).allSatisfy { $0.ends[1].read == $1.0 && $0.ends[0].read == $1.1 }
        }
        for (flow, byteCount) in zip(path.flows, byteCounts) {
            #expect(flow.ends.map(\.read) == [byteCount.1, byteCount.0])
            #expect(flow.ends.allSatisfy { $0.isReadRight })
        }
        #expect(path.flows.count == byteCounts.count)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func closingLosesNothing(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let path = VirtualPath(seed: seed, there: drawn(&random), back: drawn(&random))
        let flow = path.addFlow(byteCount: 300_000)
        flow.ends[0].closesWhenWritten = true
        path.run(for: .minutes(30)) { flow.ends[1].events.contains(.ended) }
        #expect(flow.ends[1].read == 300_000)
        path.poke(0, 1) { $0.close(at: $1) }
        path.run(for: .minutes(30)) { flow.ends.allSatisfy { $0.events.contains(.closed(.finished)) } }
        #expect(flow.ends[0].events == [.connected, .closed(.finished)])
        #expect(flow.ends[1].events == [.connected, .ended, .closed(.finished)])
    }

    /// A FIN follows after everything sent has been acknowledged and its memory released.
    @Test func aLongStreamCanBeClosedLater() {
        let path = VirtualPath(seed: 5, there: .init(bitsPerSecond: 100e6))
        let flow = path.addFlow(byteCount: 5_000_000)
        path.run(for: .minutes(1))
        path.poke(0, 0) { $0.close(at: $1) }
        path.run(for: .minutes(1))
        #expect(flow.ends[1].read == 5_000_000)
        #expect(flow.ends[1].events == [.connected, .ended])
    }

    private func drawn(_ random: inout SeededRandom) -> VirtualLink.Nature {
        var nature = VirtualLink.Nature()
        nature.bitsPerSecond = Double.random(in: 0.5...100, using: &random) * 1e6
        nature.delay = .milliseconds(Int.random(in: 0...150, using: &random))
        nature.queue = .milliseconds(Int.random(in: 5...300, using: &random))
        nature.lossShare = [0, 0.001, 0.02, 0.15].randomElement(using: &random) ?? 0
        nature.duplicateShare = [0, 0.05].randomElement(using: &random) ?? 0
        nature.lateShare = [0, 0.2].randomElement(using: &random) ?? 0
        nature.longest = [65_535, 1300].randomElement(using: &random) ?? 65_535
        return nature
    }
}
