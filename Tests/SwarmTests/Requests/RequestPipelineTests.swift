// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Request pipeline")
struct RequestPipelineTests {
    /// A peer that answers in order, one block every `gap`, after `latency`.
    private struct Line {
        var pipeline: RequestPipeline
        var now = Instant.zero
        let latency: Interval
        let gap: Interval
        /// When each answer arrives.
        var answers: [Instant] = []
        var next = 0
        var deepest = 0

        init(latency: Interval, gap: Interval, remoteDepth: Int? = nil) {
            pipeline = RequestPipeline(remoteDepth: remoteDepth, at: .zero)
            self.latency = latency
            self.gap = gap
        }

        mutating func run(blocks: Int) {
            for _ in 0..<blocks {
                let room = pipeline.room(at: now)
                pipeline.handleSent(room, at: now)
                for _ in 0..<room {
                    answers.append(max(now + latency, (answers.last ?? now) + gap))
                }
                deepest = max(deepest, pipeline.outstanding)
                guard next < answers.count else { break }
                now = answers[next]
                next += 1
                pipeline.handleReceived(byteCount: Block.byteCount, at: now)
            }
        }
    }

    @Test("A very fast peer soon gets as many requests as it accepts")
    func loopback() {
        var line = Line(latency: .milliseconds(1), gap: Interval(nanoseconds: 16_000))
        line.run(blocks: 200)
        #expect(line.deepest >= 128)
        line.run(blocks: 100_000)
        #expect(line.pipeline.depth(at: line.now) == 250, "the default limit while the peer names none")
        #expect(abs(line.pipeline.rateBytesPerSecond(at: line.now) / 1.024e9 - 1) < 0.05)
    }

    @Test("A slow peer gets requests for about one second")
    func slow() {
        var line = Line(latency: .milliseconds(100), gap: .milliseconds(100))
        line.run(blocks: 300)
        #expect((8...16).contains(line.pipeline.depth(at: line.now)), "\(line.pipeline.depth(at: line.now))")
        #expect(!line.pipeline.isSnubbed(at: line.now))
    }

    @Test("A link with high latency is kept full")
    func longLine() {
        var line = Line(latency: .milliseconds(400), gap: .milliseconds(4), remoteDepth: 2_000)
        line.run(blocks: 5_000)
        #expect(line.pipeline.outstanding >= 100, "the round trip holds a hundred blocks")
    }

    @Test("The peer's queue length is the limit", arguments: [1, 5, 40])
    func remoteDepth(depth: Int) {
        var line = Line(latency: .milliseconds(1), gap: Interval(nanoseconds: 16_000), remoteDepth: depth)
        line.run(blocks: 1_000)
        #expect(line.deepest == depth)
    }

    @Test("Silence makes a peer snubbed, and a block ends that")
    func snubbed() {
        var line = Line(latency: .milliseconds(50), gap: .milliseconds(10))
        line.run(blocks: 500)
        let deadline = line.pipeline.snubDeadline ?? .zero
        #expect(deadline - line.now == .seconds(10))
        #expect(!line.pipeline.isSnubbed(at: deadline + .milliseconds(-1)))
        #expect(line.pipeline.isSnubbed(at: deadline) && line.pipeline.depth(at: deadline) == 1)
        line.pipeline.handleReleased(line.pipeline.outstanding, at: deadline)
        #expect(line.pipeline.isSnubbed(at: deadline), "others sent what it owed: it deserves no credit")
        #expect(line.pipeline.room(at: deadline) == 1)
        line.pipeline.handleSent(1, at: deadline)
        line.pipeline.handleReceived(byteCount: 1, at: deadline)
        #expect(!line.pipeline.isSnubbed(at: deadline))
    }

    @Test("The first block is due after ten seconds")
    func silent() {
        var pipeline = RequestPipeline(at: .zero)
        #expect(pipeline.snubDeadline == nil && !pipeline.isSnubbed(at: .zero + .seconds(999)))
        pipeline.handleSent(3, at: .zero)
        #expect(pipeline.snubDeadline == .zero + .seconds(10))
        pipeline.handleReleased(9, at: .zero)
        #expect(pipeline.outstanding == 0)
    }

    @Test("The first block is due later if all peers are slow")
    func slowSwarm() {
        var pipeline = RequestPipeline(at: .zero)
        pipeline.handleSent(4, usualBlockTime: .seconds(3), at: .zero)
        #expect(pipeline.snubDeadline == .zero + .seconds(36))
        var slowest = RequestPipeline(at: .zero)
        slowest.handleSent(4, usualBlockTime: .seconds(90), at: .zero)
        #expect(slowest.snubDeadline == .zero + .seconds(60))
    }

    @Test("Until the first block the depth stays small, however often the peer unchokes")
    func unproven() {
        var pipeline = RequestPipeline(at: .zero)
        for second in 0..<5 as Range<Int64> {
            let now = Instant.zero + .seconds(second)
            pipeline.handleUnchoked(at: now)
            pipeline.handleSent(pipeline.room(at: now), at: now)
            #expect(pipeline.outstanding == RequestLimits().initialDepth && !pipeline.isProven)
        }
    }

    @Test("Rejects, cancels, chokes and unchokes do not clear a debt")
    func owedInSpells() {
        var pipeline = RequestPipeline(at: .zero)
        var now = Instant.zero
        for _ in 0..<3 {
            pipeline.handleSent(4, at: now)
            now = now + .seconds(3)
            pipeline.handleUnchoked(at: now)
            pipeline.handleReleased(4, at: now)
            // Nothing is owed meanwhile.
            now = now + .seconds(60)
            #expect(!pipeline.isSnubbed(at: now))
        }
        #expect(pipeline.owedTime(at: now) == .seconds(9))
        pipeline.handleSent(1, at: now)
        #expect(pipeline.snubDeadline == now + .seconds(1))
        pipeline.handleReleased(1, at: now + .seconds(1))
        #expect(pipeline.isSnubbed(at: now + .seconds(1)) && pipeline.room(at: now + .seconds(1)) == 1)
    }

    @Test("A doubted peer gets one request until it has sent a block")
    func doubted() {
        var pipeline = RequestPipeline(isDoubted: true, at: .zero)
        pipeline.handleUnchoked(at: .zero)
        #expect(pipeline.isSnubbed(at: .zero) && pipeline.room(at: .zero) == 1)
        pipeline.handleSent(1, at: .zero)
        pipeline.handleReceived(byteCount: Block.byteCount, at: .zero + .milliseconds(50))
        #expect(pipeline.isProven && !pipeline.isSnubbed(at: .zero + .milliseconds(50)))
        #expect(pipeline.room(at: .zero + .milliseconds(50)) >= RequestLimits().initialDepth)
    }

    @Test("A meter shows the average at once and forgets within its window")
    func meter() {
        var meter = RateMeter(window: .seconds(20), at: .zero)
        var now = Instant.zero
        for _ in 0..<1_000 {
            now = now + .milliseconds(10)
            meter.handleBytes(1_000, at: now)
        }
        #expect(abs(meter.rateBytesPerSecond(at: now) - 100_000) < 1_000)
        #expect(meter.totalByteCount == 1_000_000)
        #expect(meter.rateBytesPerSecond(at: now + .seconds(100)) < 15_000)
        #expect(meter.rateBytesPerSecond(at: now + .seconds(100_000)) >= 0)
    }
}
