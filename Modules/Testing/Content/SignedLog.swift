// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheSwarm
package import RucheWire

/// A log with one writer and many followers: a content as an app would write it, for simulations and as an example.
///
/// Each record is a piece, and all except the last have the same length. The author signs each with its number, so that
/// no other can add any. Peers tell each other how many records they know, and pass on those that the other lacks.
package struct SignedLog: Content {
    /// The app's commands. Only the author's log obeys them.
    package enum Command: Sendable {
        /// Adds a record of `pieceLength` bytes.
        case append([UInt8])
        /// Adds a last record, which may be shorter but not empty, and ends the log.
        case finish([UInt8])
    }

    /// The reports to the app.
    package enum Report: Hashable, Sendable {
        /// The record with this number is verified and stored.
        case stored(Int)
        /// The log has ended after this many records.
        case closed(Int)
    }

    /// What is known about a peer.
    package struct PeerState {
        /// The number of records that it knows, as far as we know.
        fileprivate var knownCount = 0
    }

    /// `ruche_log`.
    package static let name: ExtensionName = "ruche_log"

    /// The defaults, except for more room for a long log when a peer joins.
    package static var limits: ExtensionLimits {
        var limits = ExtensionLimits()
        limits.receivedBurstByteCount = 2 << 20
        return limits
    }

    /// A digest of the author's key.
    package let hashes: InfoHashes
    /// One piece for each known record.
    package private(set) var shape: ContentShape
    /// The known records, from the first on.
    package private(set) var entries: [SignedLogEntry] = []

    private let author: Ed25519.PublicKey
    private let key: Ed25519.PrivateKey?
    private let window: Int

    /// Creates the log of `author`, whose records have `pieceLength` bytes. Only the last `window` records are
    /// downloaded and kept.
    package init(of author: Ed25519.PublicKey, pieceLength: Int, window: Int = .max) {
        self.init(author, nil, pieceLength, window)
    }

    /// Creates the author's own log.
    package init(signedWith key: Ed25519.PrivateKey, pieceLength: Int, window: Int = .max) {
        self.init(key.publicKey, key, pieceLength, window)
    }

    private init(_ author: Ed25519.PublicKey, _ key: Ed25519.PrivateKey?, _ pieceLength: Int, _ window: Int) {
        self.author = author
        self.key = key
        self.window = max(1, window)
        shape = ContentShape(pieceLength: pieceLength)
        let digest = author.withUnsafeBytes { SHA1.hash(Array("ruche_log".utf8) + Array($0)) }
        hashes = InfoHashes(v1: digest)
    }

    /// Signs again a record that the author has signed before, and that its store may have. Records must come in order.
    package mutating func restore(_ number: Int, _ record: [UInt8], isLast: Bool = false) {
        guard let key else { return }
        _ = add(SignedLogEntry(number: number, record, isLast: isLast, signedWith: key))
    }

    /// Verifies pieces against the digests that the author has signed.
    package var verifier: any PieceVerifier { DigestListVerifier(entries.map { ($0.digest, Int($0.byteCount)) }) }

    // MARK: - The author

    /// Adds a record, and announces it to the peers.
    package mutating func handle(_ command: Command, in batch: inout ExtensionBatch<Self>) {
        switch command {
        case .append(let bytes): append(bytes, isLast: false, in: &batch)
        case .finish(let bytes): append(bytes, isLast: true, in: &batch)
        }
    }

    private mutating func append(_ bytes: [UInt8], isLast: Bool, in batch: inout ExtensionBatch<Self>) {
        let lengths = isLast ? 1...shape.pieceLength : shape.pieceLength...shape.pieceLength
        guard let key, !shape.isClosed, lengths.contains(bytes.count) else { return }
        let entry = SignedLogEntry(number: entries.count, bytes, isLast: isLast, signedWith: key)
        guard batch.store(bytes, as: PieceIndex(entries.count)), add(entry) else { return }
        passOn(in: &batch)
    }

    /// Reports the piece to the app.
    package mutating func handleStored(_ piece: PieceIndex, in batch: inout ExtensionBatch<Self>) {
        batch.report(.stored(piece.int))
    }

    // MARK: - Peers

    /// Creates the state of a peer about which nothing is known.
    package mutating func makeState(for peer: PeerFacts) -> PeerState { PeerState() }

    /// Handles new records, and tells the peer about those that it lacks.
    package mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined:
            batch.send(SignedLogMessage.count(entries.count).bytes, to: peer)
            tell(peer, in: &batch)
        case .hasRoom: tell(peer, in: &batch)
        case .message(let bytes): handle(bytes, from: peer, in: &batch)
        case .left: break
        }
    }

    private mutating func handle(_ bytes: [UInt8], from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch SignedLogMessage(bytes) {
        case nil: batch.misbehaved(peer)
        case .count(let count):
            batch[peer]?.knownCount = count
            tell(peer, in: &batch)
        case .entries(let new):
            let old = entries.count
            for entry in new {
                let knownCount = batch[peer]?.knownCount ?? 0
                batch[peer]?.knownCount = max(knownCount, Int(entry.number) + 1)
                // A record that is known already, or too far ahead, does not count against the peer.
                guard entry.number == entries.count, !shape.isClosed else { continue }
                guard add(entry) else { return batch.misbehaved(peer) }
            }
            guard entries.count > old else { return }
            passOn(in: &batch)
            if shape.isClosed { batch.report(.closed(entries.count)) }
        }
    }

    /// Tells all peers about the records that they lack.
    private func passOn(in batch: inout ExtensionBatch<Self>) {
        for peer in batch.peers { tell(peer, in: &batch) }
    }

    private func tell(_ peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        while let known = batch[peer]?.knownCount, known < entries.count {
            let end = min(entries.count, known + SignedLogMessage.entryLimit)
            guard batch.send(SignedLogMessage.entries(Array(entries[known..<end])).bytes, to: peer) else { return }
            batch[peer]?.knownCount = end
        }
    }

    // MARK: - Records

    /// Returns false if the author has not signed such a record.
    private mutating func add(_ entry: SignedLogEntry) -> Bool {
        let lengths = entry.isLast ? 1...shape.pieceLength : shape.pieceLength...shape.pieceLength
        guard entry.number == entries.count, entries.count < ContentShape.pieceLimit,
            lengths.contains(Int(entry.byteCount)), entry.isSigned(by: author)
        else { return false }
        entries.append(entry)
        shape.byteCount += Int(entry.byteCount)
        shape.isClosed = entry.isLast
        shape.firstPiece = max(0, entries.count - window)
        return true
    }
}
