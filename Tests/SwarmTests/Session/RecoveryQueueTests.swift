// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import RucheWire
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
}
