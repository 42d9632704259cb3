// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheDHT

struct KRPCTests {
    /// BEP 5: the examples of each query and response.
    @Test func examplesParse() throws {
        let ping = try parse("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")
        #expect(ping.transaction == Array("aa".utf8))
        #expect(ping.body == .query(KRPCQuery(from: id("abcdefghij0123456789"), .ping)))
        let find = try parse(
            "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"
        )
        #expect(
            find.body == .query(KRPCQuery(from: id("abcdefghij0123456789"), .findNode(id("mnopqrstuvwxyz123456"))))
        )
        let peers = try parse(
            "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re"
        )
        guard case .response(let response) = peers.body else { throw KRPCError(0, "no response") }
        #expect(response.token == Array("aoeusnth".utf8))
        #expect(response.peers.map(\.compactBytes) == [Array("axje.u".utf8), Array("idhtnm".utf8)])
        let announce = try parse(
            "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e"
                + "5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe"
        )
        let announcement = PeerAnnouncement(infoHash: id("mnopqrstuvwxyz123456"), port: nil, isSeed: false)
        #expect(
            announce.body
                == .query(
                    KRPCQuery(
                        from: id("abcdefghij0123456789"),
                        .announcePeer(announcement, token: Array("aoeusnth".utf8))
                    )
                )
        )
        let error = try parse("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee")
        #expect(error.body == .error(KRPCError(201, "A Generic Error Ocurred")))
    }

    @Test(.enabled(if: Captures.areHere, Captures.areMissing)) func capturesParse() throws {
        let request = try KRPCMessage(parsing: Captures.bytes(of: "dht_find_node_request.bin"))
        guard case .query(let query) = request.body, case .findNode(let target) = query.method else {
            throw KRPCError(0, "not find_node")
        }
        #expect(target.description == "bd7b477cfbcd10f30b705da20201e7101d8df155")
        for number in 0...1 {
            let request = try KRPCMessage(parsing: Captures.bytes(of: "dht_get_peers_request_\(number).bin"))
            guard case .query(let query) = request.body, case .getPeers(let hash, false, false) = query.method else {
                throw KRPCError(0, "not get_peers")
            }
            #expect(hash.description == "cab507494d02ebb1178b38f2e9d7be299c86b862")
        }
        for (number, count) in [(1, 8), (2, 16), (3, 16)] {
            let answer = try KRPCMessage(parsing: Captures.bytes(of: "dht_find_node_response_\(number).bin"))
            guard case .response(let response) = answer.body else { throw KRPCError(0, "no response") }
            #expect(response.nodes.count == count)
            #expect((answer.observedEndpoint != nil) == (number > 1))
        }
    }

    @Test func everyMessageIsReadAsItWasWritten() throws {
        for message in Samples.messages {
            #expect(try KRPCMessage(parsing: message.encoded) == message)
            #expect(throws: Never.self) { try BencodeDocument(message.encoded, rules: .strict) }
        }
        #expect(Samples.messages.count > 12)
    }

    /// Whatever can be read of a damaged message is the same after writing and reading it again.
    @Test func damagedMessagesAreReadAsTheyAreWritten() throws {
        var random = SeededRandom(seed: 31)
        var readCount = 0
        for _ in 0..<300 {
            for sample in Samples.messages {
                var bytes = sample.encoded
                for _ in 0..<Int.random(in: 1...2, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 48...57, using: &random)
                }
                guard let message = try? KRPCMessage(parsing: bytes), message.isWritten else { continue }
                readCount += 1
                #expect(try KRPCMessage(parsing: message.encoded) == message)
            }
        }
        #expect(readCount > 1_000)
    }

    /// A sender of invalid arguments is told what is wrong, in a few bytes.
    @Test func unfitArgumentsAreNamed() throws {
        let start = "d1:ad2:id20:abcdefghij0123456789"
        let queries = [
            (start + "6:target3:abce1:q9:find_node1:t2:aa1:y1:qe", KRPCError.malformed),
            (start + "e1:q9:get_peers1:t2:aa1:y1:qe", KRPCError.malformed),
            (
                start + "9:info_hash20:mnopqrstuvwxyz1234564:porti65536e5:token1:xe1:q13:announce_peer1:t2:aa1:y1:qe",
                KRPCError.malformed
            ),
            (
                start + "5:token1:x1:v1001:\(String(repeating: "x", count: 1_001))e1:q3:put1:t2:aa1:y1:qe",
                KRPCError.valueTooBig
            ),
            (
                start + "1:k1:k4:salt65:\(String(repeating: "x", count: 65))5:token1:x1:v1:xe1:q3:put1:t2:aa1:y1:qe",
                KRPCError.saltTooBig
            ),
        ]
        for (text, code) in queries {
            guard case .query(let query) = try parse(text).body, case .unfit(let error) = query.method else {
                Issue.record("\(text) is not unfit")
                continue
            }
            #expect(error.code == code, "\(text)")
        }
        #expect(queries.count == 5)
    }

    @Test(
        arguments: [
            "", "d", "de", "i1e", "le", "d1:t2:aae", "d1:t2:aa1:y1:xe", "d1:y1:qe", "d1:t2:aa1:y1:qe",
            "d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe", "d1:rd2:id19:abcdefghij012345678e1:t2:aa1:y1:re",
            "d1:t33:\(String(repeating: "a", count: 33))1:y1:ee",
            "d1:t2:aa1:y1:e1:x\(String(repeating: "l", count: 70))\(String(repeating: "e", count: 70))e",
            "d1:t2:aa1:y1:e1:x2100:\(String(repeating: "x", count: 2_100))e",
        ]
    )
    func whatIsNoMessageIsRefused(text: String) {
        #expect(throws: BencodeError.self) { try parse(text) }
    }

    private func parse(_ text: String) throws -> KRPCMessage { try KRPCMessage(parsing: Array(text.utf8)) }

    private func id(_ text: String) -> NodeID { NodeID(Array(text.utf8)) ?? NodeID(high: 0, middle: 0, low: 0) }
}

extension KRPCMessage {
    /// Whether everything that was read is written again: not an error's text, an unknown method, or what is wrong with
    /// a query.
    fileprivate var isWritten: Bool {
        guard case .query(let query) = body else { return true }
        switch query.method {
        case .unknown, .unfit: return false
        default: return true
        }
    }
}
