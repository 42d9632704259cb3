// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@testable import RucheHTTP

/// A queue by reference, because expectations cannot hold a value that changes.
private final class QueueUnderTest {
    private var queue: RequestQueue

    init(perHost: Int, total: Int, capacity: Int) {
        queue = RequestQueue(perHost: perHost, total: total, capacity: capacity)
    }

    var hostCount: Int { queue.hostCount }
    func handleRequest(_ id: UInt64, to host: String) -> Bool { queue.handleRequest(id, to: host) }
    func handleCancelled(_ id: UInt64) { queue.handleCancelled(id) }
    func handleFinished(at host: String) { queue.handleFinished(at: host) }
    func nextAdmitted() -> UInt64? { queue.nextAdmitted() }
}

@Suite struct RequestQueueTests {
    private func makeQueue(perHost: Int, total: Int, capacity: Int = 100_000) -> QueueUnderTest {
        QueueUnderTest(perHost: perHost, total: total, capacity: capacity)
    }

    @Test func hostsTakeTurnsAndKeepTheirLimit() {
        let queue = makeQueue(perHost: 1, total: 10)
        for id in 1...3 as ClosedRange<UInt64> { #expect(queue.handleRequest(id, to: "a")) }
        #expect(queue.handleRequest(4, to: "b"))
        #expect(queue.nextAdmitted() == 1)
        #expect(queue.nextAdmitted() == 4)
        #expect(queue.nextAdmitted() == nil)
        queue.handleCancelled(2)
        queue.handleFinished(at: "a")
        #expect(queue.nextAdmitted() == 3)
        queue.handleFinished(at: "a")
        queue.handleFinished(at: "b")
        #expect(queue.nextAdmitted() == nil)
        #expect(queue.hostCount == 0)
    }

    @Test func tooManyAreTurnedAway() {
        let queue = makeQueue(perHost: 1, total: 1, capacity: 2)
        #expect(queue.handleRequest(1, to: "a"))
        #expect(queue.handleRequest(2, to: "a"))
        #expect(!queue.handleRequest(3, to: "b"))
        #expect(queue.nextAdmitted() == 1)
        #expect(queue.handleRequest(4, to: "b"))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func everyRequestHasItsTurn(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let (perHost, total) = (Int.random(in: 1...3, using: &random), Int.random(in: 1...8, using: &random))
        let queue = makeQueue(perHost: perHost, total: total)
        var hosts: [UInt64: String] = [:]
        var cancelled: Set<UInt64> = []
        var active: [UInt64] = []
        var served: Set<UInt64> = []
        for id in 1...10_000 as ClosedRange<UInt64> {
            let host = "\(Int.random(in: 0..<20, using: &random))"
            hosts[id] = host
            #expect(queue.handleRequest(id, to: host))
            if Int.random(in: 0..<10, using: &random) == 0 {
                queue.handleCancelled(id)
                cancelled.insert(id)
            }
            step()
        }
        while !active.isEmpty { step() }
        #expect(served.count + cancelled.count == 10_000, "seed \(seed)")
        #expect(served.isDisjoint(with: cancelled), "seed \(seed)")
        #expect(queue.hostCount == 0, "seed \(seed)")

        func step() {
            while let id = queue.nextAdmitted() {
                active.append(id)
                let isNew = served.insert(id).inserted
                #expect(isNew, "seed \(seed)")
            }
            #expect(active.count <= total, "seed \(seed)")
            let counts = Dictionary(grouping: active) { hosts[$0] }.mapValues(\.count)
            #expect(counts.values.allSatisfy { $0 <= perHost }, "seed \(seed)")
            if !active.isEmpty {
                let done = active.remove(at: Int.random(in: active.indices, using: &random))
                queue.handleFinished(at: hosts[done] ?? "")
            }
        }
    }
}
