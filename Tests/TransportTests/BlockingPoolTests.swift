// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import Synchronization
import Testing

struct BlockingPoolTests {
    @Test func jobsRunOffTheLoopAndCompleteOnIt() async throws {
        struct Refusal: Error {}
        try await withRuntime { runtime in
            let loop = runtime.loops[1]
            let sum = runtime.blocking.submit(completingOn: loop) {
                loop.inEventLoop ? -1 : 41
            }.map { loop.inEventLoop ? $0 + 1 : -2 }
            let result = try await sum.get()
            #expect(result == 42)
            await #expect(throws: Refusal.self) {
                try await runtime.blocking.submit(completingOn: loop) { throw Refusal() }.get()
            }
        }
    }

    @Test func queueIsBounded() async throws {
        var limits = TransportLimits.patient
        limits.blockingJobs = 3
        try await withRuntime(limits: limits) { runtime in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            let isOpen = Atomic<Bool>(false)
            let waiting = (0..<3).map { index in
                runtime.blocking.submit(completingOn: runtime.loops[0]) {
                    opener.yield()
                    while !isOpen.load(ordering: .relaxed) {}
                    return index
                }
            }
            for await _ in gate { break }
            #expect(runtime.blocking.pendingJobs == 3)
            let fourth = runtime.blocking.submit(completingOn: runtime.loops[0]) { 3 }
            #expect(await failure { try await fourth.get() } == .limit)
            #expect(!runtime.blocking.run { _ in })
            isOpen.store(true, ordering: .relaxed)
            for (index, job) in waiting.enumerated() {
                let result = try await job.get()
                #expect(result == index)
            }
        }
    }

    @Test func jobsAfterShutdownAreStopped() async throws {
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        await runtime.shutdown()
        let wasActive = Atomic<Bool>(true)
        runtime.blocking.run { wasActive.store($0, ordering: .relaxed) }
        let ranAsActive = wasActive.load(ordering: .relaxed)
        #expect(!ranAsActive)
    }
}
