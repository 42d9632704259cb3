// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import Testing

@testable import RucheTransport

/// The kinds of secure channel, and how one is chosen.
struct SecureChannelTests {
    @Test(arguments: [ChannelKind.plaintext, .mse])
    func ourKindsConform(kind: ChannelKind) {
        let offer = kind == .mse ? ChannelOffer.mse : .plaintext
        #expect(offer.kind == kind)
        #expect(checkSecureChannel(offer).isEmpty, "\(checkSecureChannel(offer))")
    }

    /// Seals by adding one, says yes to the byte 42, and never ends a handshake: the check must detect all of that.
    @Test func checkSeesWhatIsBroken() {
        let found = checkSecureChannel(ChannelOffer { EndlessChannel($0, in: &$1) })
        #expect(found.contains { $0.contains("no outcome") })
        #expect(found.contains { $0.contains("neither an outcome nor an error") })
        let shifted = checkSecureChannel(ChannelOffer { OneWayChannel($0, in: &$1) })
        #expect(shifted.contains { $0.contains("do not come through") })
    }

    @Test func policiesAreOrderedKinds() {
        let kinds = EncryptionPolicy.allCases.map { policy in policy.channels.offers.map(\.kind) }
        #expect(kinds == [[.mse, .plaintext], [.mse], [.plaintext]])
        #expect(EncryptionPolicy.allCases.map(\.channels.mustSeal) == [false, true, false])
    }

    /// First bytes, and the kind that each policy recognises; "" if it needs more, nil if it refuses.
    static let beginnings: [(bytes: [UInt8], prefer: String?, require: String?, off: String?)] = [
        ([], "", "", ""),
        ([19], "", "", ""),
        (Array(handshakeBytes().prefix(19)), "", "", ""),
        (Array(handshakeBytes().prefix(20)), "plaintext", nil, "plaintext"),
        ([19, 66, 0], "mse", "mse", nil),
        ([42], "mse", "mse", nil),
    ]

    @Test(arguments: beginnings)
    func firstBytesShowTheKind(bytes: [UInt8], prefer: String?, require: String?, off: String?) {
        for (policy, kind) in [(EncryptionPolicy.prefer, prefer), (.require, require), (.off, off)] {
            #expect(recognised(bytes, by: policy.channels) == kind, "\(policy)")
        }
    }

    /// A kind that knows its own bytes is chosen over MSE, which accepts random bytes, whatever their order.
    @Test func aCertainKindIsChosenBeforeAPossibleOne() {
        let marked = ChannelOffer { EndlessChannel($0, in: &$1) }
        for offers in [[marked, .mse, .plaintext], [.plaintext, .mse, marked]] {
            #expect(recognised([42], by: ChannelPolicy(offers)) == "endless")
            #expect(recognised([43], by: ChannelPolicy(offers)) == "mse")
        }
    }

    @Test func whatMustBeSealedIsNotTakenInPlaintext() throws {
        var batch = ChannelBatch(random: SeededRandom(seed: 1))
        let policy = ChannelPolicy([.plaintext], mustSeal: true)
        var identification = IncomingIdentification(policy: policy, byteLimit: 1_000) { $0 }
        let error = #expect(throws: TransportError.self) {
            try identification.handle(ByteBuffer(bytes: handshakeBytes()), in: &batch)
        }
        #expect(error?.code == .encryptionRequired)
    }

    private func recognised(_ bytes: [UInt8], by policy: ChannelPolicy) -> String? {
        switch policy.recognise(ByteBuffer(bytes: bytes)) {
        case .undecided: ""
        case .offer(let offer): offer.kind.description
        case .none: nil
        }
    }
}

/// Waits for ever.
private struct EndlessChannel: SecureChannel {
    static let kind = ChannelKind("endless")
    static let handshakeByteLimit = 100
    let outcome: ChannelOutcome? = nil

    static func recognise(_ first: ByteBuffer) -> ChannelRecognition {
        first.readableBytesView.first.map { $0 == 42 ? .yes : .no } ?? .needsMore
    }

    init(_ setup: ChannelSetup, in batch: inout ChannelBatch) {}

    mutating func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) { input.clear() }

    mutating func open(_ input: inout ByteBuffer) -> ByteBuffer? { nil }

    mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer) {}
}

/// Seals, but does not open.
private struct OneWayChannel: SecureChannel {
    static let kind = ChannelKind("one way")
    static let handshakeByteLimit = 0
    let outcome: ChannelOutcome? = ChannelOutcome(kind: kind, swarm: nil, isPassthrough: false)

    static func recognise(_ first: ByteBuffer) -> ChannelRecognition { .possible }

    init(_ setup: ChannelSetup, in batch: inout ChannelBatch) {}

    mutating func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) {}

    mutating func open(_ input: inout ByteBuffer) -> ByteBuffer? { input.takeReadable() }

    mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer) {
        sealed.writeBytes(plain.readableBytesView.map { $0 &+ 1 })
    }
}
