// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import RucheTesting
import RucheWire
import Synchronization
import Testing

@testable import RucheSwarm

struct RecoveryQueueTests {
    @Test(.timeLimit(.minutes(1))) func eachComesOnceInItsOrder() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        let queue = RecoveryQueue(on: MultiThreadedEventLoopGroup.singleton.next()) { continuation.yield($0) }
        queue.add(1, after: .milliseconds(300))
        queue.add(2, after: .milliseconds(60))
        queue.add(2, after: .zero)
        queue.add(3, after: .milliseconds(150))
        var seen: [Int] = []
        for await number in stream {
            seen.append(number)
            // Those that have come may come again.
            if number == 2, seen.count == 1 { queue.add(2, after: .seconds(1)) }
            if seen.count == 4 { break }
        }
        #expect(seen == [2, 3, 1, 2])
        queue.close()
        queue.add(4, after: .zero)
    }

    @Test func aHundredAreDuePerSecondHoweverManyWait() {
        let network = VirtualNetwork(seed: 1)
        let dueCount = Mutex(0)
        let queue = RecoveryQueue(on: network.addHost().loop) { _ in dueCount.withLock { $0 += 1 } }
        for number in 0..<1_000 { queue.add(number, after: .zero) }
        network.run(for: .seconds(2 as Int64))
        #expect((190...201).contains(dueCount.withLock { $0 }))
        network.run(for: .seconds(60 as Int64))
        #expect(dueCount.withLock { $0 } == 1_000)
    }
}
