// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheSwarm
import RucheTesting
import RucheWire

/// A log, its writer, and peers that follow it or pretend to.
final class LogSwarm {
    static let pieceLength = 32_768

    let swarm: VirtualSwarm
    let writer: VirtualPeer
    private(set) var followers: [VirtualPeer] = []
    private(set) var records: [[UInt8]] = []

    private let key: Ed25519.PrivateKey
    private let window: Int
    private var random: SeededRandom

    init(seed: UInt64, followers: Int, forgers: Int, keeping window: Int = .max) throws {
        var conditions = NetworkConditions()
        conditions.cutsPerMinute = 0.3
        conditions.dialFailures = 0.1
        swarm = VirtualSwarm(try Scenario.torrent(pieces: 1), seed: seed, conditions: conditions)
        random = SeededRandom(seed: ~seed)
        key = Ed25519.PrivateKey(using: &random)
        self.window = window
        writer = swarm.add(
            content: SignedLog(signedWith: key, pieceLength: Self.pieceLength, window: window),
            capacity: Scenario.link(512)
        )
        for _ in 0..<followers { addFollower() }
        for _ in 0..<forgers {
            let forger = Forger(of: key.publicKey, pieceLength: Self.pieceLength)
            swarm.add(
                content: forger,
                capacity: Scenario.link(512),
                store: JunkStore(pieceCount: forger.shape.pieceCount)
            )
        }
        for peer in swarm.peers { peer.start() }
    }

    @discardableResult
    func addFollower() -> VirtualPeer {
        let log = SignedLog(of: key.publicKey, pieceLength: Self.pieceLength, window: window)
        followers.append(swarm.add(content: log, capacity: Scenario.link(128)))
        return followers[followers.count - 1]
    }

    // MARK: - Events

    func append() { write(Self.pieceLength) { .append($0) } }

    func finish() { write(1_000) { .finish($0) } }

    private func write(_ count: Int, _ command: ([UInt8]) -> SignedLog.Command) {
        let record = random.nextBytes(count: count)
        records.append(record)
        writer.command(command(record), of: SignedLog.self)
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

    var byteCount: Int { records.reduce(0) { $0 + $1.count } }

    var laggards: [String] { followers.filter { !$0.isFinished }.map(\.name) }

    /// Returns whether the peer's store contains exactly what was written.
    func holdsEverything(_ peer: VirtualPeer) -> Bool {
        records.enumerated().allSatisfy { number, record in
            var found = [UInt8](repeating: 0, count: record.count)
            found.withUnsafeMutableBytes { try? peer.store.read(piece: PieceIndex(number), offset: 0, into: $0) }
            return found == record
        }
    }
}

/// Pretends to follow a log, and to have far more of it than exists; it sends only junk.
struct Forger: Content {
    static let name = SignedLog.name

    let hashes: InfoHashes
    let shape: ContentShape
    var verifier: any PieceVerifier { DigestListVerifier([]) }

    init(of author: Ed25519.PublicKey, pieceLength: Int) {
        hashes = SignedLog(of: author, pieceLength: pieceLength).hashes
        shape = ContentShape(pieceLength: pieceLength, byteCount: 20_000 * pieceLength)
    }

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined:
            // An announcement of many records, and records without a valid signature.
            batch.send([0, 0xff, 0xff, 0xff, 0xff], to: peer)
            batch.send([1] + batch.random.nextBytes(count: 105), to: peer)
        case .message, .hasRoom, .left: break
        }
    }
}

/// Vouches for everything, and returns junk.
final class JunkStore: PieceStore, Vouching {
    private let pieceCount: Int

    init(pieceCount: Int) { self.pieceCount = pieceCount }

    var abilities: StoreAbilities {
        var abilities = StoreAbilities()
        abilities.vouching = self
        return abilities
    }

    func vouchedPieces() throws(StorageError) -> Bitfield { Bitfield(count: pieceCount, allSet: true) }

    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError) {
        for chunk in chunks { chunk.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: piece.int)) }
    }

    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {}
    func flush() throws(StorageError) {}
    func close() {}
}
