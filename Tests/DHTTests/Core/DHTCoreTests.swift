// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

/// A single node, and its responses.
struct DHTCoreTests {
    private let bench = CoreBench()
    private let stranger = PeerEndpoint.v4(99, 1, 1, 1)

    @Test func answersNameWhereTheAskerIs() throws {
        let reply = try #require(bench.ask(.ping, from: stranger))
        #expect(reply.observedEndpoint == stranger)
        #expect(reply.body == .response(KRPCResponse(from: bench.own)))
    }

    /// Addresses that may be forged share a small budget for long answers; beyond it, an answer has at most three times
    /// the query's bytes.
    @Test func forgedAddressesAreNotFlooded() throws {
        let item = try DHTItem(.string(Array(repeating: 7, count: 900)))
        bench.store(item)
        let limits = bench.core.limits
        var (answeredCount, longByteCount) = (0, 0)
        for number in 0..<2_000 {
            let victim = PeerEndpoint.v4(50, UInt32(number / 200), UInt32(number % 200), 9)
            let query = bench.message(.get(item.target, newerThan: nil)).encoded
            let byteCount = bench.handle(query, from: victim).reduce(0) { $0 + $1.count }
            if byteCount > 0 { answeredCount += 1 }
            if byteCount + 28 > limits.amplification * (query.count + 28) { longByteCount += byteCount }
        }
        #expect(longByteCount > 0 && longByteCount <= 4 * limits.unprovenBytesPerSecond)
        #expect(answeredCount == 2_000, "without the value, all are answered")
    }

    /// However many parties ask, the bytes of all answers stay within the rate.
    @Test func answersAreBoundedInTotal() {
        func answeredByteCount() -> Int {
            var byteCount = 0
            for number in 0..<6_000 as Range<UInt32> {
                let asker = PeerEndpoint.v4(51, number / 200, number % 200, 9)
                byteCount += bench.handle(bench.message(.ping).encoded, from: asker).reduce(0) { $0 + $1.count }
            }
            return byteCount
        }
        let budget = bench.core.limits.answerBytesPerSecond
        let burst = answeredByteCount()
        #expect(burst > 3 * budget && burst <= 4 * budget)
        bench.now = .seconds(1)
        #expect(answeredByteCount() < 2 * budget)
    }

    @Test func provenAddressesGetWholeItems() throws {
        let item = try DHTItem(.string(Array(repeating: 7, count: 900)))
        bench.store(item)
        bench.core.budgets.noteProof(of: Party(stranger), at: bench.now)
        for _ in 0..<40 {
            guard case .response(let response) = bench.ask(.get(item.target, newerThan: nil), from: stranger)?.body
            else {
                Issue.record("no response")
                continue
            }
            #expect(response.value == item.value)
        }
        #expect(item.value.count > 900)
    }

    @Test func onePartyCannotKeepTheNodeBusy() {
        var answered = 0
        for _ in 0..<500 where bench.ask(.ping, from: stranger) != nil { answered += 1 }
        #expect(answered == bench.core.limits.queryBurstPerParty)
        #expect(bench.ask(.ping, from: .v4(99, 1, 1, 2)) != nil, "another party is served")
        answered = 0
        for low in 1...500 as ClosedRange<UInt64> {
            let neighbour = PeerEndpoint(address: IPAddress(v6High: 0x2001_0db8_0001_0000, low: low), port: 6881)
            if bench.ask(.ping, from: neighbour) != nil { answered += 1 }
        }
        #expect(answered == bench.core.limits.queryBurstPerParty, "an IPv6 /64 is one party")
        bench.now = .seconds(1)
        #expect(bench.ask(.ping, from: stranger) != nil)
    }

    @Test func writesNeedATokenOfTheirOwn() throws {
        let item = try DHTItem("x")
        let hash = NodeID(using: &bench.random)
        #expect(bench.errorCode(.put(item, token: [1], replacing: nil), from: stranger) == KRPCError.malformed)
        let token = try #require(bench.token(.get(item.target, newerThan: nil), from: stranger))
        #expect(
            bench.errorCode(.put(item, token: token, replacing: nil), from: .v4(99, 1, 1, 2)) == KRPCError.malformed
        )
        let announcement = PeerAnnouncement(infoHash: hash, port: nil, isSeed: false)
        #expect(bench.errorCode(.announcePeer(announcement, token: token), from: stranger) == KRPCError.malformed)
        #expect(bench.errorCode(.put(item, token: token, replacing: nil), from: stranger) == nil)
        let other = try #require(bench.token(.getPeers(hash, skipsSeeds: false, scrapes: false), from: stranger))
        #expect(bench.errorCode(.announcePeer(announcement, token: other), from: stranger) == nil)
        guard
            case .response(let found) = bench.ask(.getPeers(hash, skipsSeeds: false, scrapes: true), from: stranger)?
                .body
        else { throw KRPCError(0, "no response") }
        #expect(found.peers == [stranger])
        #expect(found.peerFilter?.estimatedCount.rounded() == 1)
    }

    @Test func falseSignaturesAreNotStored() throws {
        let author = Ed25519.PrivateKey(using: &bench.random)
        var item = try DHTItem("x", by: author, sequence: 1)
        let proof = try #require(item.author)
        item.author = DHTItem.Author(key: proof.key, salt: [], sequence: 2, signature: proof.signature)
        let token = try #require(bench.token(.get(item.target, newerThan: nil), from: stranger))
        #expect(bench.errorCode(.put(item, token: token, replacing: nil), from: stranger) == KRPCError.badSignature)
        #expect(bench.core.families[0].items.count == 0)
    }

    /// Of two authors who write at once, at most one succeeds, and one lying node stops neither.
    @Test func aConflictCountsIfHalfOfTheNodesReportIt() {
        func failure(_ stored: Int, _ code: Int, _ refusals: Int) -> DHTError.Code? {
            var result = SearchResult()
            (result.answeredCount, result.storedCount) = (8, stored)
            result.refusals = Array(repeating: KRPCError(code, "no"), count: refusals)
            return result.written.failure?.code
        }
        #expect(failure(7, KRPCError.conflict, 1) == nil)
        #expect(failure(5, KRPCError.conflict, 3) == nil)
        #expect(failure(4, KRPCError.conflict, 4) == .conflict)
        #expect(failure(1, KRPCError.outdated, 7) == nil)
        #expect(failure(0, KRPCError.outdated, 1) == .outdated)
        #expect(failure(0, 202, 2) == .notStored)
    }

    /// BEP 43: a read-only node sends queries that say so, and answers none.
    @Test func readOnlyNodesAnswerNothing() throws {
        let bench = CoreBench(isReadOnly: true)
        #expect(bench.ask(.ping, from: stranger) == nil)
        bench.act { core, batch in core.handleNamed(.v4(99, 1, 1, 2), in: &batch) }
        let sent = try #require(bench.sent.first)
        #expect(try KRPCMessage(parsing: sent.bytes).isReadOnly)
    }

    /// A node is added to the table when it answers, not when it asks; a read-only one never is (BEP 43).
    @Test func onlyRespondingNodesEnterTheTable() throws {
        let contact = NodeContact(at: stranger, using: &bench.random)
        let query = KRPCMessage(transaction: [1], .query(KRPCQuery(from: contact.id, .ping)), isReadOnly: true)
        _ = bench.handle(query.encoded, from: stranger)
        #expect(bench.sent.count == 1, "it is answered, but not pinged")
        var asking = query
        asking.isReadOnly = false
        _ = bench.handle(asking.encoded, from: stranger)
        #expect(bench.core.families[0].table.count == 0)
        let ping = try KRPCMessage(parsing: try #require(bench.sent.last).bytes)
        let answer = KRPCMessage(transaction: ping.transaction, .response(KRPCResponse(from: contact.id)))
        _ = bench.handle(answer.encoded, from: .v4(99, 1, 1, 2))
        #expect(bench.core.families[0].table.count == 0, "a response from another endpoint does not count")
        #expect(ping.transaction.count == 4)
        var guess = answer
        guess.transaction = guess.transaction.map { $0 ^ 1 }
        _ = bench.handle(guess.encoded, from: stranger)
        #expect(bench.core.families[0].table.count == 0, "nor does one with another transaction")
        _ = bench.handle(answer.encoded, from: stranger)
        #expect(bench.core.families[0].table.nodes.map(\.contact) == [contact])
    }

    /// BEP 32: responses contain nodes of the requested families.
    @Test func bothFamiliesAreNamedWhereTheyAreWanted() throws {
        bench.learn(20)
        let far = PeerEndpoint(address: IPAddress(v6High: 0x2001_0db8_0001_0000, low: 1), port: 7)
        let contact = NodeContact(at: far, using: &bench.random)
        bench.core.families[1].table.handleAnswer(of: contact, at: .zero)
        let query = KRPCQuery(from: NodeID(using: &bench.random), .findNode(contact.id), wants: [.v6])
        let replies = bench.handle(KRPCMessage(transaction: [1], .query(query)).encoded, from: stranger)
        guard case .response(let response) = try KRPCMessage(parsing: try #require(replies.first)).body else {
            throw KRPCError(0, "no response")
        }
        #expect(response.nodes == [contact])
    }

    /// A node of both families asks for nodes of the other one where it knows few (BEP 32).
    @Test func nodesOfTheOtherFamilyAreRequestedAndPinged() throws {
        bench.learn(20)
        let near = bench.own
        bench.act { core, batch in _ = core.startSearch(.nodes(near: near), only: .v4, in: &batch) }
        let (bytes, endpoint) = try #require(bench.sent.first)
        let message = try KRPCMessage(parsing: bytes)
        guard case .query(let query) = message.body else { throw KRPCError(0, "no query") }
        #expect(query.wants == [.v4, .v6])
        let known = try #require(bench.core.families[0].table.nodes.first { $0.contact.endpoint == endpoint })
        let far = PeerEndpoint(address: IPAddress(v6High: 0x2a00_0001_0001_0000, low: 1), port: 7)
        var response = KRPCResponse(from: known.contact.id)
        response.nodes = [NodeContact(at: far, using: &bench.random)]
        _ = bench.handle(KRPCMessage(transaction: message.transaction, .response(response)).encoded, from: endpoint)
        #expect(bench.sent.contains { $0.to == far })
    }

    /// As soon as nearer nodes are known they are asked, however many further ones have not answered yet.
    @Test func furtherNodesAreNotWaitedFor() throws {
        bench.learn(20)
        let target = bench.own
        bench.act { core, batch in _ = core.startSearch(.nodes(near: target), only: .v4, in: &batch) }
        let concurrency = bench.core.limits.concurrency
        #expect(bench.sent.count == concurrency)
        let (bytes, endpoint) = try #require(bench.sent.last)
        let known = try #require(bench.core.families[0].table.nodes.first { $0.contact.endpoint == endpoint })
        var response = KRPCResponse(from: known.contact.id)
        response.nodes = (0..<8).map { number in
            let id = target.prefix(100, followedBy: NodeID(using: &bench.random))
            return NodeContact(id: id, endpoint: .v4(70, 1, UInt32(number), 1))
        }
        let message = try KRPCMessage(parsing: bytes)
        _ = bench.handle(KRPCMessage(transaction: message.transaction, .response(response)).encoded, from: endpoint)
        let next = bench.sent.dropFirst(concurrency).map(\.to)
        #expect(next.count == concurrency)
        #expect(next.allSatisfy { one in response.nodes.contains { $0.endpoint == one } })
    }

    /// A node that others name may be busy: it is pinged once more, and not a third time. Its response is used at once.
    @Test func aNamedNodeThatIsLateIsPingedOnceMore() throws {
        for answers in [false, true] {
            let bench = CoreBench()
            bench.act { core, batch in core.handleNamed(stranger, in: &batch) }
            for _ in 0..<3 {
                bench.now = bench.now + bench.core.limits.queryTimeout
                bench.act { core, batch in core.handleTimer(in: &batch) }
                guard answers, let last = bench.sent.last else { continue }
                let ping = try KRPCMessage(parsing: last.bytes)
                let response = KRPCResponse(from: NodeContact(at: stranger, using: &bench.random).id)
                let pong = KRPCMessage(transaction: ping.transaction, .response(response))
                _ = bench.handle(pong.encoded, from: stranger)
                #expect(bench.core.families[0].table.count == 1)
                #expect(bench.core.nextTimer(at: bench.now) <= bench.now, "the table is filled at once")
                break
            }
            #expect(bench.sent.count == 2)
        }
    }

    /// No input traps, and everything sent fits a datagram.
    @Test func noiseIsSurvived() {
        bench.learn(50)
        var handled = 0
        for sample in Samples.messages {
            for _ in 0..<200 {
                var bytes = sample.encoded
                for _ in 0..<Int.random(in: 1...4, using: &bench.random) {
                    bytes[Int.random(in: bytes.indices, using: &bench.random)] = UInt8.random(
                        in: 0...255,
                        using: &bench.random
                    )
                }
                let sender = PeerEndpoint.v4(40, .random(in: 0...255, using: &bench.random), 1, 1)
                let replies = bench.handle(bytes, from: sender)
                #expect(replies.allSatisfy { $0.count <= bench.core.limits.sentByteCount })
                handled += 1
            }
        }
        #expect(handled > 3_000)
    }
}
