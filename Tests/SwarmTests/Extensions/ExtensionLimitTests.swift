// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// `Parrot` accepts 1,000 bytes per message and second, and 5,000 at once; each message counts 64 bytes more.
@Suite("Extensions are held to their limits")
struct ExtensionLimitTests {
    private let bench: CoreBench

    init() throws { bench = try .withParrot() }

    @Test("A message that is too long ends the connection without being read", arguments: [1_000, 1_001])
    func length(byteCount: Int) throws {
        let (slot, _) = try bench.join(1, id: 9)
        bench.tell(.extended(id: Parrot.ownID, payload: ByteBuffer(repeating: 1, count: byteCount)), from: slot)
        #expect(bench.isConnected(slot) == (byteCount <= 1_000))
        #expect(bench.misbehaviours == (byteCount <= 1_000 ? [] : [.oversize]))
        #expect(bench.parrotReports.contains { if case .heard = $0 { true } else { false } } == (byteCount <= 1_000))
    }

    @Test("Messages beyond the rate are dropped, and end the connection if they go on")
    func flood() throws {
        let (slot, _) = try bench.join(1, id: 9)
        let honest = try bench.join(2, id: 9)
        var heard = 0
        var seconds = 0
        while bench.isConnected(slot), seconds < 60 {
            for _ in 0..<100 {
                bench.say("a", from: slot)
                heard += bench.parrotReports.count { if case .heard = $0 { true } else { false } }
            }
            bench.wait(.seconds(1))
            seconds += 1
        }
        // 5,000 bytes at once and 1,000 per second, of messages that count 65.
        #expect((76...76 + 16 * seconds).contains(heard), "\(heard) in \(seconds) s")
        #expect((4...6).contains(seconds))
        bench.say("?", from: honest.slot)
        #expect(bench.extended(9, to: honest.slot).count == 1)
    }

    @Test("A peer within the rate is always heard, and may be late now and then")
    func steady() throws {
        let (slot, _) = try bench.join(1, id: 9)
        var heard = 0
        for _ in 0..<300 {
            for _ in 0..<5 {
                bench.say("a", from: slot)
                heard += bench.parrotReports.count { if case .heard = $0 { true } else { false } }
            }
            bench.wait(.seconds(1))
            bench.tell(.keepAlive, from: slot)
        }
        #expect(heard == 1_500 && bench.isConnected(slot))
        for _ in 0..<70 { bench.say("late", from: slot) }
        #expect(bench.misbehaviours.isEmpty)
    }

    @Test("Messages beyond the rate wait, those beyond the queue are refused, and room in the queue is reported")
    func sending() throws {
        let (slot, handle) = try bench.join(1, id: 9)
        bench.command(.say([UInt8](repeating: 7, count: 936), to: handle, times: 10))
        // 1,000 bytes each: one was sent at once, and the queue held three more.
        #expect(bench.extended(9, to: slot).count == 1)
        #expect(bench.parrotReports.count { $0 == .refused(handle) } == 6)
        bench.wait(.seconds(1))
        #expect(bench.extended(9, to: slot).count == 1 && bench.parrotReports.isEmpty)
        bench.wait(.seconds(3))
        #expect(bench.extended(9, to: slot).count == 2 && bench.parrotReports == [.hasRoom(handle)])
        bench.wait(.seconds(5))
        #expect(bench.extended(9, to: slot).isEmpty && bench.parrotReports.isEmpty)
    }

    @Test("A peer that does not read delays no other, and uses no more than its queue")
    func silent() throws {
        let (slot, handle) = try bench.join(1, id: 9)
        let (other, _) = try bench.join(2, id: 9)
        bench.neverRead = [slot]
        // Unsent bytes stay below the engine's own limit, or exceed it by one message.
        var sent = 0
        var refused = 0
        for _ in 0..<600 {
            bench.command(.sayToAll([UInt8](repeating: 7, count: 936)))
            sent += bench.extended(9, to: slot).map(\.readableBytes).reduce(0, +)
            #expect(bench.extended(9, to: other).count == 1)
            bench.command(.say([1], to: handle))
            refused += bench.parrotReports.count { $0 == .refused(handle) }
            bench.wait(.seconds(1))
            sent += bench.extended(9, to: slot).map(\.readableBytes).reduce(0, +)
            bench.tell(.keepAlive, from: slot)
            bench.tell(.keepAlive, from: other)
        }
        #expect(sent <= bench.core.limits.answerBytesPerPeer + 1_000 && sent > 100_000)
        #expect(refused > 300 && bench.isConnected(slot))
    }
}
