// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheSwarm
import RucheTesting
import RucheWire

/// A feed, its author, and peers that follow it or pretend to.
final class FeedSwarm {
    static let pieceLength = 32_768

    let swarm: VirtualSwarm
    let author: VirtualPeer
    private(set) var followers: [VirtualPeer] = []
    private(set) var bytes: [UInt8] = []

    let key: Ed25519.PrivateKey
    private var random: SeededRandom
    private var milliseconds: Int64 = 1_000

    init(seed: UInt64, followers: Int, forgers: Int = 0, conditions: NetworkConditions = FeedSwarm.lossy) throws {
        swarm = VirtualSwarm(try Scenario.torrent(pieces: 1), seed: seed, conditions: conditions)
        random = SeededRandom(seed: ~seed)
        key = Ed25519.PrivateKey(using: &random)
        author = swarm.add(
            content: FeedContent(signedWith: key, pieceLength: Self.pieceLength),
            capacity: Scenario.link(512)
        )
        for _ in 0..<followers { addFollower() }
        for _ in 0..<forgers {
            swarm.add(content: FeedForger(of: key.publicKey, Self.pieceLength), capacity: Scenario.link(512))
        }
        for peer in swarm.peers { peer.start() }
    }

    static var lossy: NetworkConditions {
        var conditions = NetworkConditions()
        conditions.cutsPerMinute = 0.3
        conditions.dialFailures = 0.1
        return conditions
    }

    @discardableResult
    func addFollower(from start: FeedContent.Start = .start) -> VirtualPeer {
        let feed = FeedContent(of: key.publicKey, pieceLength: Self.pieceLength, from: start)
        followers.append(swarm.add(content: feed, capacity: Scenario.link(128)))
        return followers[followers.count - 1]
    }

    // MARK: - Events

    /// Appends a number of bytes, which end anywhere in a piece.
    func append(upTo count: Int = 3 * pieceLength) {
        let part = random.nextBytes(count: Int.random(in: 1...count, using: &random))
        bytes += part
        tell(.append(part, millisecondsSince1970: tick()))
    }

    func finish() { tell(.finish(millisecondsSince1970: tick())) }

    private func tell(_ command: FeedContent.Command) { author.command(command, of: FeedContent.self) }

    private func tick() -> Int64 {
        milliseconds += 1_000
        return milliseconds
    }

    /// Crashes one peer, and restarts those that crashed before.
    func churn() {
        restartAll()
        followers.randomElement(using: &random)?.crash()
    }

    func restartAll() {
        for peer in followers where !peer.isRunning { peer.restart() }
    }

    // MARK: - Results

    var laggards: [String] { followers.filter { !$0.isFinished }.map(\.name) }

    /// Returns whether the peer's store contains exactly what was appended, from the piece `first` on.
    func holdsEverything(_ peer: VirtualPeer, from first: Int = 0) -> Bool {
        let starts = stride(from: first * Self.pieceLength, to: bytes.count, by: Self.pieceLength)
        return starts.allSatisfy { start in
            let piece = Array(bytes[start..<min(bytes.count, start + Self.pieceLength)])
            var found = [UInt8](repeating: 0, count: piece.count)
            let index = PieceIndex(start / Self.pieceLength)
            found.withUnsafeMutableBytes { try? peer.store.read(piece: index, offset: 0, into: $0) }
            return found == piece
        }
    }
}

/// Pretends to know of more than the author has signed, and proves nothing.
struct FeedForger: Content {
    static let name = FeedContent.name
    static let limits = FeedContent.limits

    let hashes: InfoHashes
    let shape: ContentShape
    var verifier: any PieceVerifier { NoPieceVerifier() }

    private let key: Ed25519.PrivateKey

    init(of author: Ed25519.PublicKey, _ pieceLength: Int) {
        hashes = FeedContent(of: author, pieceLength: pieceLength).hashes
        shape = ContentShape(pieceLength: pieceLength)
        var random = SeededRandom(seed: 77)
        key = Ed25519.PrivateKey(using: &random)
    }

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined: batch.send(forgedHead(in: &batch), to: peer)
        case .message(let bytes):
            switch FeedMessage(bytes) {
            case .ask(let block):
                let nodes = (0..<block.pieceCount).map { _ in SHA256.hash(batch.random.nextBytes(count: 8)) }
                batch.send(FeedMessage.proof(block, nodes: nodes, uncles: []).encoded, to: peer)
            case .head: batch.send(bytes, to: peer)
            case .proof, .lacks, .contradiction, nil: break
            }
        case .hasRoom, .left: break
        }
    }

    private func forgedHead(in batch: inout ExtensionBatch<Self>) -> [UInt8] {
        let leaf = SHA256.hash(batch.random.nextBytes(count: 8))
        let head = FeedHead(byteCount: 1 << 30, millisecondsSince1970: 0, peaks: [leaf], signedWith: key)
        return head.map { FeedMessage.head($0, tail: [], first: 0, nodes: []).encoded } ?? [0]
    }
}
