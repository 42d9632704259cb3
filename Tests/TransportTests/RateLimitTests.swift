// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTransport
import RucheWire
import Testing

/// Rates over virtual time.
struct RateLimitTests {
    @Test(arguments: [1, 7, 1000, 16_384, 1_000_003, 10_000_000_000])
    func longRunRateIsExact(rate: Int) {
        let seed = UInt64(rate)
        var random = SeededRandom(seed: seed)
        var now = Instant(nanoseconds: 12_345)
        let burst = max(1000, rate)
        var bucket = TokenBucket(rateBytesPerSecond: rate, burstBytes: burst, at: now)
        let start = now
        #expect(bucket.take(upTo: .max, at: now) == burst)
        var taken = 0
        for _ in 0..<10_000 {
            now = now + Interval(nanoseconds: .random(in: 0...900_000_000, using: &random))
            taken += bucket.take(upTo: .max, at: now)
        }
        let elapsed = UInt((now - start).nanoseconds)
        let (high, low) = elapsed.multipliedFullWidth(by: UInt(rate))
        #expect(taken == Int(UInt(1_000_000_000).dividingFullWidth((high, low)).quotient), "seed \(seed)")
    }

    @Test func nextAvailableIsTheFirstMoment() {
        var random = SeededRandom(seed: 5)
        for round in 0..<2000 {
            let rate = Int.random(in: 1...1_000_000_000, using: &random)
            let burst = Int.random(in: 1...1_000_000, using: &random)
            var bucket = TokenBucket(rateBytesPerSecond: rate, burstBytes: burst, at: .zero)
            _ = bucket.take(upTo: .random(in: 0...burst, using: &random), at: .zero)
            let wanted = Int.random(in: 1...burst, using: &random)
            let moment = bucket.nextAvailable(wanted, at: .zero)
            var early = bucket
            if moment > .zero {
                let before = Instant(nanoseconds: moment.nanoseconds - 1)
                #expect(early.take(upTo: wanted, at: before) < wanted, "round \(round), seed 5")
            }
            #expect(bucket.take(upTo: wanted, at: moment) == wanted, "round \(round), seed 5")
        }
    }

    @Test func extremesDoNotTrap() {
        var bucket = TokenBucket(rateBytesPerSecond: .max, burstBytes: .max, at: .zero)
        #expect(bucket.take(upTo: .max, at: .zero) == .max)
        #expect(bucket.take(upTo: .max, at: Instant(nanoseconds: .max)) > 0)
        bucket = TokenBucket(rateBytesPerSecond: 0, burstBytes: 0, at: Instant(nanoseconds: .max))
        #expect(bucket.take(upTo: .max, at: .zero) == 1)
        #expect(bucket.nextAvailable(.max, at: Instant(nanoseconds: .max - 1)) == Instant(nanoseconds: .max))
        #expect(bucket.take(upTo: -1, at: .zero) == 0)
        bucket.giveBack(.max)
        #expect(bucket.take(upTo: .max, at: .zero) == 1)
    }

    @Test func sumOverLesseesHolds() {
        let rate = 1_000_000
        let session = SharedRateLimit(rateBytesPerSecond: rate, at: .zero)
        var torrents = (0..<5).map { _ in RateLimiter(within: session) }
        torrents[4].setRate(10_000, at: .zero)
        var random = SeededRandom(seed: 3)
        var taken = [Int](repeating: 0, count: 5)
        var now = Instant.zero
        for _ in 0..<100_000 {
            now = now + .milliseconds(1)
            let index = Int.random(in: 0..<5, using: &random)
            taken[index] += torrents[index].take(upTo: 16_397, at: now)
        }
        let sum = taken.reduce(0, +)
        let seconds = 100
        let burst = 125_000
        #expect(sum <= rate * seconds + burst, "seed 3")
        // Less only by unused leases, and by what the last millisecond added.
        #expect(sum >= rate * seconds - 5 * rate / 32 - 1000, "seed 3")
        #expect(taken[4] <= 10_000 * seconds + 32_768, "seed 3")
        // No torrent starves.
        for index in 0..<4 { #expect(taken[index] > rate * seconds / 8, "torrent \(index), seed 3") }
    }

    @Test func ownAndSharedLimitBothBind() {
        let session = SharedRateLimit(rateBytesPerSecond: 100_000, at: .zero)
        var torrent = RateLimiter(within: session)
        torrent.setRate(50_000, at: .zero)
        #expect(torrent.take(upTo: .max, at: .zero) == 32_768)
        #expect(torrent.take(upTo: .max, at: .zero) == 0)
        let moment = torrent.nextAvailable(16_384, at: .zero)
        #expect(moment == Instant(nanoseconds: 327_680_000))
        #expect(torrent.take(upTo: 16_384, at: moment) == 16_384)
    }

    @Test func leasesComeBack() {
        let session = SharedRateLimit(rateBytesPerSecond: 3_200_000, at: .zero)
        var first = RateLimiter(within: session)
        var second = RateLimiter(within: session)
        #expect(first.take(upTo: 1, at: .zero) == 1)
        first.stop()
        #expect(second.take(upTo: .max, at: .zero) == 400_000 - 1)
    }

    @Test func noLimitLetsAllThrough() {
        let session = SharedRateLimit(at: .zero)
        var torrent = RateLimiter(within: session)
        #expect(!torrent.isLimited)
        #expect(torrent.take(upTo: .max, at: .zero) == .max)
        #expect(torrent.nextAvailable(.max, at: .zero) == .zero)
        session.setRate(1000, at: .zero)
        #expect(torrent.take(upTo: .max, at: .zero) == 32_768)
        session.setRate(nil, at: .zero)
        #expect(torrent.take(upTo: .max, at: .zero) == .max)
    }
}
