// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTrackers

// A class, because expectations cannot hold a value that changes.
@Suite final class UDPTrackerExchangeTests {
    private var random = SeededRandom(seed: 7)
    private var exchange = UDPTrackerExchange(limits: TrackerLimits())
    private var now = Instant(nanoseconds: 5)
    private let tracker = PeerEndpoint(address: IPAddress(v4: 0x7f00_0001), port: 6969)
    private let question = UDPTrackerExchange.Question.scrape([SHA1Digest()])
    private let counts: [UInt32] = [1, 2, 3]

    private func nextDatagram() -> (tracker: PeerEndpoint, bytes: ByteBuffer)? { exchange.nextDatagram() }
    private func nextOutcome() -> UDPTrackerExchange.Outcome? { exchange.nextOutcome() }

    private func ask(_ id: UInt64 = 1) {
        exchange.handleQuestion(question, to: tracker, id: id, at: now, using: &random)
    }

    private func answer(_ words: [UInt32], from sender: PeerEndpoint? = nil) {
        var datagram = ByteBuffer()
        for word in words { datagram.writeInteger(word) }
        exchange.handleDatagram(datagram, from: sender ?? tracker, at: now, using: &random)
    }

    /// Returns the action and the transaction of the only datagram to send.
    private func sent() throws -> (action: UInt32, transaction: UInt32, connection: UInt64) {
        var bytes = try #require(nextDatagram()).bytes
        #expect(nextDatagram() == nil)
        let read = bytes.readMultipleIntegers(as: (UInt64, UInt32, UInt32).self)
        let words = try #require(read)
        return (words.1, words.2, words.0)
    }

    private func passTime(to wake: Instant?) throws {
        now = try #require(wake)
        exchange.handleTime(at: now, using: &random)
    }

    @Test func connectsThenAsksAndRemembersTheConnection() throws {
        ask()
        let connect = try sent()
        #expect(connect.action == 0 && connect.connection == 0x417_2710_1980)
        answer([0, connect.transaction, 0xaaaa, 0xbbbb])
        let scrape = try sent()
        #expect(scrape.action == 2 && scrape.connection == 0xaaaa_0000_bbbb)
        answer([2, scrape.transaction] + counts)
        let outcome = try #require(nextOutcome())
        let expected = ScrapeResponse.Counts(seedCount: 1, leecherCount: 3, downloadCount: 2)
        #expect(try outcome.result.get() == .scrape(ScrapeResponse(swarms: [SHA1Digest(): expected])))
        #expect(exchange.nextWake == nil)
        ask(2)
        #expect(try sent().connection == 0xaaaa_0000_bbbb)
        exchange.handleCancelled(2)
        now = now + .minutes(1)
        ask(3)
        #expect(try sent().action == 0, "a connection id is valid for a minute")
    }

    @Test func silenceIsMetWithPatience() throws {
        ask()
        let first = try sent()
        #expect(exchange.nextWake == now + .seconds(15))
        try passTime(to: exchange.nextWake)
        #expect(try sent() == first, "the same datagram again")
        #expect(exchange.nextWake == now + .seconds(30))
        try passTime(to: exchange.nextWake)
        #expect(exchange.nextWake == now + .seconds(60))
        _ = try sent()
        try passTime(to: exchange.nextWake)
        #expect(nextDatagram() == nil)
        let outcome = try #require(nextOutcome())
        #expect(throws: TrackerError.self) { try outcome.result.get() }
        #expect(exchange.nextWake == nil)
    }

    @Test func anOldConnectionIsRenewedInBetween() throws {
        ask()
        let connect = try sent()
        answer([0, connect.transaction, 0, 1])
        _ = try sent()
        try passTime(to: exchange.nextWake)
        #expect(try sent().action == 2)
        now = now + .minutes(1)
        exchange.handleTime(at: now, using: &random)
        let renewal = try sent()
        #expect(renewal.action == 0 && renewal.transaction != connect.transaction)
    }

    @Test func aForgottenConnectionIsRenewedOnce() throws {
        ask()
        answer([0, try sent().transaction, 0, 1])
        answer([2, try sent().transaction] + counts)
        _ = nextOutcome()
        ask(2)
        answer([3, try sent().transaction, 0x6f6c6400])
        let connect = try sent()
        #expect(connect.action == 0)
        answer([0, connect.transaction, 0, 2])
        answer([3, try sent().transaction, 0x6e6f0000])
        guard case .failure(let failure) = nextOutcome()?.result else {
            Issue.record("expected a failure")
            return
        }
        #expect(failure.code == .refused)
    }

    @Test func strangersAreNotHeard() throws {
        ask()
        let connect = try sent()
        let words = [0, connect.transaction, 1, 1]
        answer(words, from: PeerEndpoint(address: tracker.address, port: 6970))
        answer(words, from: PeerEndpoint(address: IPAddress(v4: 0x7f00_0002), port: tracker.port))
        answer([0, connect.transaction &+ 1, 1, 1])
        answer([])
        #expect(nextDatagram() == nil)
        #expect(nextOutcome() == nil)
        answer(words)
        #expect(try sent().action == 2)
    }

    @Test func whatCannotBeSentFailsAtOnce() throws {
        ask()
        exchange.handleUnsendable(to: tracker, because: "no route")
        guard case .failure(let failure) = nextOutcome()?.result else {
            Issue.record("expected a failure")
            return
        }
        #expect(failure == TrackerError(.connection, "no route"))
        #expect(exchange.nextWake == nil)
    }

    @Test func anyAnswerIsSurvived() throws {
        for seed in 0..<4000 as Range<UInt64> {
            exchange = UDPTrackerExchange(limits: TrackerLimits())
            random = SeededRandom(seed: seed)
            ask()
            for _ in 0..<4 {
                guard let sent = nextDatagram() else { break }
                var bytes = Array(Array(buffer: sent.bytes).dropFirst(8).prefix(8))
                if Int.random(in: 0..<3, using: &random) == 0 { bytes[3] = UInt8.random(in: 0...4, using: &random) }
                bytes += random.nextBytes(count: Int.random(in: 0...16, using: &random))
                exchange.handleDatagram(ByteBuffer(bytes: bytes), from: tracker, at: now, using: &random)
            }
            exchange.handleCancelled(1)
            #expect(exchange.nextWake == nil, "seed \(seed)")
        }
    }
}
