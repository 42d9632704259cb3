// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@Suite struct PeerExchangeMessageTests {
    private static let v4 = PeerEndpoint(address: IPAddress(v4: 0x6162_6364), port: 0x6566)
    private static let v6 = PeerEndpoint(
        address: IPAddress(v6High: 0x4142_4344_4546_4748, low: 0x494a_4b4c_4d4e_4f50),
        port: 0x5152
    )
    private static let full = PeerExchangeMessage(
        added: [.init(v4, flags: [.reachable, .utp]), .init(v6, flags: .uploadOnly)],
        dropped: [v4, v6]
    )
    private static let fullText =
        "d5:added6:abcdef7:added.f1:\u{14}6:added618:ABCDEFGHIJKLMNOPQR8:added6.f1:\u{2}"
        + "7:dropped6:abcdef8:dropped618:ABCDEFGHIJKLMNOPQRe"

    private func parse(_ text: String) throws -> PeerExchangeMessage {
        try PeerExchangeMessage(parsing: ByteBuffer(string: text))
    }

    @Test func bothFamiliesHaveTheirBytes() throws {
        #expect(Self.full.encoded() == ByteBuffer(string: Self.fullText))
        #expect(try parse(Self.fullText) == Self.full)
        #expect(PeerExchangeMessage().encoded() == ByteBuffer(string: "de"))
    }

    @Test func missingFlagsReadAsNone() throws {
        #expect(try parse("d5:added12:abcdefabcdef7:added.f1:\u{1}e").added.map(\.flags) == [.prefersEncryption, []])
        #expect(try parse("d5:added6:abcdefe").added == [.init(Self.v4)])
    }

    @Test func listsAreReadUpToTheLimit() throws {
        var limits = PeerLimits()
        limits.pexContactCount = 3
        let many = PeerExchangeMessage(added: Array(repeating: .init(Self.v4), count: 5))
        #expect(try PeerExchangeMessage(parsing: many.encoded(), limits: limits).added.count == 3)
    }

    @Test(arguments: ["d5:added5:abcdee", "d6:added66:abcdefe", "d7:droppedi1ee", "d8:dropped617:ABCDEFGHIJKLMNOPQe"])
    func brokenListsAreErrors(text: String) {
        #expect(throws: PeerProtocolError.self) { try parse(text) }
    }

    @Test func mutatedMessagesNeverCrash() {
        forEachMutation { seed, random in
            let bytes = random.mutating(Array(Self.fullText.utf8))
            guard let parsed = try? PeerExchangeMessage(parsing: ByteBuffer(bytes: bytes)) else { return false }
            // A repeated endpoint may be written once.
            let again = try? PeerExchangeMessage(parsing: parsed.encoded())
            #expect(again?.dropped.count == parsed.dropped.count, "seed \(seed)")
            return true
        }
    }
}
