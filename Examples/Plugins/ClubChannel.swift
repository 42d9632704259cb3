// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheSwarm
import RucheTesting
import Testing

/// A secure channel for members who share a key. Each side sends a salt; both salts and a counter form the nonce of a
/// record, which starts with its length of up to 16 KiB in two bytes and ends with a tag.
struct ClubChannel: SecureChannel {
    static let kind = ChannelKind("club")
    static let handshakeByteLimit = 16
    private static let mark = Array("the club".utf8)

    private let cipher: ChaChaPoly
    private let ownSalt: [UInt8]
    private var salts: (own: [UInt8], other: [UInt8])?
    private var sealedCount: UInt64 = 0
    private var openedCount: UInt64 = 0
    private var unread = ByteBuffer()

    var outcome: ChannelOutcome? {
        salts == nil ? nil : ChannelOutcome(kind: Self.kind, swarm: nil, isPassthrough: false)
    }

    static func recognise(_ first: ByteBuffer) -> ChannelRecognition {
        guard first.readableBytesView.prefix(8).elementsEqual(mark.prefix(first.readableBytes)) else { return .no }
        return first.readableBytes < mark.count ? .needsMore : .yes
    }

    init(_ cipher: ChaChaPoly, in batch: inout ChannelBatch) {
        self.cipher = cipher
        ownSalt = (0..<8).map { _ in UInt8.random(in: 0...255, using: &batch.random) }
        batch.output.writeBytes(Self.mark + ownSalt)
    }

    mutating func handleHandshake(_ input: inout ByteBuffer, in batch: inout ChannelBatch) throws(TransportError) {
        unread.writeBuffer(&input)
        guard Self.recognise(unread) != .no else { throw TransportError(.encryptionFailed, "not a member") }
        guard unread.readableBytes >= Self.handshakeByteLimit else { return }
        unread.moveReaderIndex(forwardBy: Self.mark.count)
        salts = unread.readBytes(length: 8).map { (ownSalt, $0) }
        input = unread
        unread = ByteBuffer()
    }

    mutating func seal(_ plain: ByteBuffer, into sealed: inout ByteBuffer) {
        var plain = plain
        guard let salts else { return }
        while let part = plain.readBytes(length: min(plain.readableBytes, 16_384)), !part.isEmpty {
            let nonce = salts.own + salts.other + sealedCount.bytes
            sealedCount += 1
            guard let box = try? cipher.sealed(part, nonce: nonce) else { return }
            sealed.writeInteger(UInt16(part.count))
            sealed.writeBytes(box)
        }
    }

    mutating func open(_ input: inout ByteBuffer) throws(TransportError) -> ByteBuffer? {
        unread.writeBuffer(&input)
        var plain = ByteBuffer()
        while let length = unread.getInteger(at: unread.readerIndex, as: UInt16.self), let salts {
            guard length <= 16_384 else { throw TransportError(.encryptionFailed, "a record is too long") }
            guard unread.readableBytes >= 2 + Int(length) + ChaChaPoly.Tag.byteCount else { break }
            unread.moveReaderIndex(forwardBy: 2)
            let box = unread.readBytes(length: Int(length) + ChaChaPoly.Tag.byteCount) ?? []
            let nonce = salts.other + salts.own + openedCount.bytes
            openedCount += 1
            guard let part = try? cipher.opened(box, nonce: nonce) else {
                throw TransportError(.encryptionFailed, "a record was not sent by a member")
            }
            plain.writeBytes(part)
        }
        unread.discardReadBytes()
        return plain.readableBytes > 0 ? plain : nil
    }
}

extension ChannelOffer {
    /// Connections between members with the same `key` of 32 bytes.
    static func club(key: SecretBytes) throws(CryptoError) -> ChannelOffer {
        let cipher = try ChaChaPoly(key: key, variant: .extended)
        return ChannelOffer { _, batch in ClubChannel(cipher, in: &batch) }
    }
}

extension UInt64 {
    fileprivate var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}

@Suite("A custom secure channel", .timeLimit(.minutes(1)))
struct ClubChannelTests {
    private let key = SecretBytes(copying: (0..<32).map { UInt8($0) })

    @Test func keepsToTheRulesOfChannels() throws {
        #expect(try checkSecureChannel(.club(key: key)).isEmpty)
    }

    @Test func membersShareAndStrangersGetNothing() async throws {
        let club = ChannelPolicy([try .club(key: key)], mustSeal: true)
        try await withWorkshop { workshop in
            let seed = try await workshop.makeSeed(sizes: [300_000]) { $0.channels = club }
            let options = AddOptions(peers: seed.session.endpoints)
            let stranger = try await workshop.makeSession("stranger")
            let envious = try await stranger.add(seed.metainfo, options: options)
            let member = try await workshop.makeSession("member") { $0.channels = club }
            let torrent = try await member.add(seed.metainfo, options: options)
            try await torrent.finished()
            let areSealed = torrent.currentStatus.peers.allSatisfy(\.isEncrypted)
            #expect(areSealed)
            #expect(envious.currentStatus.doneBytes == 0)
        }
    }
}
