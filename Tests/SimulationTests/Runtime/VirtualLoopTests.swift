// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheTransport
import RucheWire
import Testing

@Suite struct VirtualLoopTests {
    private let network = VirtualNetwork(seed: 1)

    @Test func `Tasks run at their times, and those of one time in the order of scheduling`() {
        let loop = network.addHost().loop
        let log = Log(loop)
        loop.scheduleTask(in: .seconds(2)) { log.note("late") }
        loop.scheduleTask(in: .seconds(1)) { log.note("first") }
        loop.scheduleTask(in: .seconds(1)) {
            log.note("second")
            loop.execute { log.note("fourth") }
        }
        loop.scheduleTask(in: .seconds(1)) { log.note("third") }
        let cancelled = loop.scheduleTask(in: .seconds(1)) { log.note("never") }
        cancelled.cancel()
        network.run(for: .milliseconds(999))
        #expect(log.lines.isEmpty)
        network.run(for: .seconds(5))
        #expect(log.lines == ["1 first", "1 second", "1 third", "1 fourth", "2 late"])
    }

    @Test func `A repeated task keeps its pace until it is cancelled`() {
        let loop = network.addHost().loop
        let log = Log(loop)
        loop.scheduleRepeatedTask(initialDelay: .seconds(3), delay: .seconds(10)) { task in
            log.note("tick")
            if log.lines.count == 3 { task.cancel() }
        }
        network.run(for: .minutes(5))
        #expect(log.lines == ["3 tick", "13 tick", "23 tick"])
    }

    @Test func `Asynchronous code runs on virtual time, the same for the same seed`() throws {
        let first = try timesOfJobs(seed: 4)
        #expect(try timesOfJobs(seed: 4) == first)
        #expect(try timesOfJobs(seed: 5) != first)
        #expect(first == first.sorted() && first.count == 20)
    }

    /// The times at which twenty jobs, given to a pool by as many child tasks, have ended.
    private func timesOfJobs(seed: UInt64) throws -> [Int64] {
        let network = VirtualNetwork(seed: seed)
        let runtime = TransportRuntime(on: network.addHost().makeRuntime())
        return try network.perform {
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await runtime.blocking.perform {}
                        return runtime.now.nanoseconds
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    @Test func `A task that is dropped with its network fails`() throws {
        var network: VirtualNetwork? = VirtualNetwork(seed: 1)
        let loop = try #require(network).addHost().loop
        let scheduled = loop.scheduleTask(in: .seconds(1)) {}
        let failure = Log(loop)
        scheduled.futureResult.whenFailure { _ in failure.note("dropped") }
        network = nil
        #expect(failure.lines == ["0 dropped"])
        // What is scheduled afterwards comes to nothing too.
        loop.scheduleTask(in: .seconds(1)) { failure.note("never") }.futureResult.whenFailure { _ in
            failure.note("too late")
        }
        #expect(failure.lines == ["0 dropped", "0 too late"])
    }
}

/// Lines, each with the second in which it was written.
private final class Log: @unchecked Sendable {  // confined to one thread
    private let loop: any EventLoop
    private(set) var lines: [String] = []

    init(_ loop: any EventLoop) { self.loop = loop }

    func note(_ line: String) { lines.append("\(loop.now.uptimeNanoseconds / 1_000_000_000) \(line)") }
}
