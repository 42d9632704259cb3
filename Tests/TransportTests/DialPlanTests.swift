// SPDX-License-Identifier: Apache-2.0

import RucheTransport
import RucheWire
import Testing

/// When which transport and channel is tried, without sockets.
struct DialPlanTests {
    private static let headStart = Interval.milliseconds(Int64(300))
    private let start = Instant.zero

    private func makePlan(_ transports: [TransportKind], _ channels: [ChannelKind]) -> DialPlan {
        DialPlan(transports: transports, channels: channels, headStart: Self.headStart)
    }

    private func names(_ plan: inout DialPlan, at now: Instant) -> [String] {
        var names: [String] = []
        while let attempt = plan.nextAttempt(at: now) { names.append("\(attempt.transport) \(attempt.channel)") }
        return names
    }

    private func attempt(_ transport: TransportKind, _ channel: ChannelKind) -> DialPlan.Attempt {
        var plan = makePlan([transport], [channel])
        return plan.nextAttempt(at: start)!
    }

    @Test func oneTransportTriesItsChannelsOneAfterTheOther() {
        var plan = makePlan([.tcp], [.mse, .plaintext])
        #expect(names(&plan, at: start) == ["tcp mse"])
        #expect(plan.nextWake == nil && !plan.isLost)
        plan.handleChannelFailed(attempt(.tcp, .mse))
        #expect(names(&plan, at: start) == ["tcp plaintext"])
        plan.handleChannelFailed(attempt(.tcp, .plaintext))
        #expect(names(&plan, at: start).isEmpty && plan.isLost)
    }

    @Test func anUnreachablePeerIsNotTriedWithAnotherChannel() {
        var plan = makePlan([.tcp], [.mse, .plaintext])
        #expect(names(&plan, at: start) == ["tcp mse"])
        plan.handleUnreachable(attempt(.tcp, .mse))
        #expect(names(&plan, at: start).isEmpty && plan.isLost)
    }

    @Test func transportsRaceWithAHeadStart() {
        var plan = makePlan([.utp, .tcp], [.mse, .plaintext])
        #expect(names(&plan, at: start) == ["utp mse"])
        #expect(plan.nextWake == start + Self.headStart)
        #expect(names(&plan, at: start + .milliseconds(Int64(299))).isEmpty)
        #expect(names(&plan, at: start + Self.headStart) == ["tcp mse"])
        #expect(plan.nextWake == nil)
        // Each continues independently.
        plan.handleChannelFailed(attempt(.tcp, .mse))
        #expect(names(&plan, at: start + Self.headStart) == ["tcp plaintext"])
        plan.handleUnreachable(attempt(.utp, .mse))
        #expect(names(&plan, at: start + Self.headStart).isEmpty && !plan.isLost)
        plan.handleChannelFailed(attempt(.tcp, .plaintext))
        #expect(plan.isLost)
    }

    @Test func aTransportThatGivesUpSoonerLetsTheNextBegin() {
        var plan = makePlan([.utp, .tcp], [.mse])
        #expect(names(&plan, at: start) == ["utp mse"])
        plan.handleUnreachable(attempt(.utp, .mse))
        #expect(names(&plan, at: start) == ["tcp mse"])
        plan.handleChannelFailed(attempt(.tcp, .mse))
        #expect(plan.isLost)
    }

    @Test func withoutTransportsOrChannelsItIsLostFromTheStart() {
        for plan in [makePlan([], [.mse]), makePlan([.tcp], [])] {
            var plan = plan
            #expect(plan.isLost && plan.nextAttempt(at: start) == nil)
        }
    }
}
