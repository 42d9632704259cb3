// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Testing

/// Growing content: a diary that its author writes and others follow. Each page is a piece. The author signs its number
/// and digest, and peers pass on what is signed.
struct Diary: Content {
    typealias PeerState = Int  // pages that the peer has been told of

    static let name: ExtensionName = "xy_diary"
    static let pageByteCount = 16_384

    let hashes: InfoHashes
    private(set) var shape = ContentShape(pieceLength: pageByteCount)
    private var pages: [Page] = []
    private let author: Ed25519.PublicKey
    private let key: Ed25519.PrivateKey?

    init(of author: Ed25519.PublicKey, writtenWith key: Ed25519.PrivateKey? = nil) {
        self.author = author
        self.key = key
        hashes = InfoHashes(v1: SHA1.hash(author.bytes))
    }

    var verifier: any PieceVerifier { PageVerifier(digests: pages.map(\.digest)) }

    func makeState(for peer: PeerFacts) -> Int { 0 }

    mutating func handle(_ text: [UInt8], in batch: inout ExtensionBatch<Self>) {
        guard let key, text.count == Self.pageByteCount, batch.store(text, as: PieceIndex(pages.count)) else { return }
        add(Page(number: pages.count, text, signedWith: key), in: &batch)
    }

    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined, .hasRoom: tell(peer, in: &batch)
        case .message(let bytes):
            guard let page = Page(bytes), page.isSigned(by: author) else { return batch.misbehaved(peer) }
            if page.number == pages.count { add(page, in: &batch) }
        case .left: break
        }
    }

    private mutating func add(_ page: Page, in batch: inout ExtensionBatch<Self>) {
        pages.append(page)
        shape.byteCount += Self.pageByteCount
        for peer in batch.peers { tell(peer, in: &batch) }
    }

    private func tell(_ peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        while let count = batch[peer], count < pages.count, batch.send(pages[count].bytes, to: peer) {
            batch[peer] = count + 1
        }
    }
}

/// The author's statement about a page: its number, its digest, and a signature of both.
private struct Page {
    let number: Int
    let digest: SHA256Digest
    private let signature: Ed25519.Signature

    init(number: Int, _ text: [UInt8], signedWith key: Ed25519.PrivateKey) {
        self.number = number
        digest = SHA256.hash(text)
        signature = key.signature(for: Self.claim(number, digest))
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 4 + 32 + 64, let digest = SHA256Digest(bytes[4..<36]),
            let signature = Ed25519.Signature(bytes[36...])
        else { return nil }
        number = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        self.digest = digest
        self.signature = signature
    }

    var bytes: [UInt8] { Self.claim(number, digest) + signature.bytes }

    func isSigned(by author: Ed25519.PublicKey) -> Bool {
        Ed25519.isValid(signature, for: Self.claim(number, digest), by: author)
    }

    private static func claim(_ number: Int, _ digest: SHA256Digest) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } + digest.bytes
    }
}

/// Compares a page with the digest that its author has signed.
private struct PageVerifier: PieceVerifier {
    let digests: [SHA256Digest]

    func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
        guard digests.indices.contains(piece.int) else { return .unknown }
        var hash = SHA256()
        for chunk in chunks { hash.update(chunk) }
        return hash.finish() == digests[piece.int] ? .right : .wrong(leaves: [])
    }
}

@Suite("Growing content", .timeLimit(.minutes(2)))
struct DiarySimulationTests {
    private let key: Ed25519.PrivateKey
    private let texts: [[UInt8]]

    init() {
        var random = SeededRandom(seed: 1)
        key = Ed25519.PrivateKey(using: &random)
        texts = (0..<20).map { _ in (0..<Diary.pageByteCount).map { _ in UInt8.random(in: 0...255, using: &random) } }
    }

    @Test func keepsToTheRulesOfContents() throws {
        let findings = try checkContent(
            author: Diary(of: key.publicKey, writtenWith: key),
            follower: Diary(of: key.publicKey),
            commands: texts,
            messages: [[UInt8](repeating: 0, count: 100)]
        )
        #expect(findings.isEmpty)
    }

    @Test func fiftyFollowWhatOneWrites() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [16_384], seed: 1)
        let swarm = VirtualSwarm(torrent, seed: 1)
        swarm.network.conditions.cutsPerMinute = 0.3
        let author = swarm.add(content: Diary(of: key.publicKey, writtenWith: key))
        let followers = (0..<50).map { _ in swarm.add(content: Diary(of: key.publicKey)) }
        for peer in swarm.peers { peer.start() }
        for text in texts {
            author.command(text, of: Diary.self)
            swarm.run(for: .seconds(2 as Int))
        }
        #expect(swarm.run(for: .minutes(10)) { followers.allSatisfy { $0.isCaughtUp && $0.shape == author.shape } })
        #expect(author.shape?.pieceCount == texts.count)
    }
}
