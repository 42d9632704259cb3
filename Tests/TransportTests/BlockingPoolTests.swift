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

    private final class Gauge: Sendable {
        private let count = Atomic<Int>(0)
        var runs: Int { count.load(ordering: .relaxed) }
        func handleRun() { count.wrappingAdd(1, ordering: .relaxed) }
    }

    @Test func tasksWaitForRoom() async throws {
        var limits = TransportLimits.patient
        limits.blockingJobs = 2
        try await withRuntime(limits: limits) { runtime in
            let gauge = Gauge()
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        try await runtime.blocking.perform {
                            gauge.handleRun()
                            return index
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 199 * 100 && gauge.runs == 200)
            #expect(runtime.blocking.pendingJobs <= 2)
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
