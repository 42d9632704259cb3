// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Testing

/// A store that encrypts pieces and keeps them in another store. Each piece has its own keystream.
final class EncryptedStore: PieceStore {
    private let base: any PieceStore
    private let cipher: ChaCha20

    init(_ base: any PieceStore, key: SecretBytes) throws(CryptoError) {
        self.base = base
        cipher = try ChaCha20(key: key)
    }

    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError) {
        try base.read(piece: piece, offset: offset, into: chunks)
        try apply(to: chunks, piece, offset)
    }

    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {
        let byteCount = chunks.reduce(0) { $0 + $1.count }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: chunks.joined())
        try apply(to: [bytes], piece, offset)
        try base.write(piece: piece, offset: offset, chunks: [UnsafeRawBufferPointer(bytes)])
    }

    func flush() throws(StorageError) { try base.flush() }

    func close() { base.close() }

    private func apply(
        to chunks: [UnsafeMutableRawBufferPointer],
        _ piece: PieceIndex,
        _ offset: Int
    ) throws(StorageError) {
        let nonce = (0..<12).map { $0 < 4 ? UInt8(truncatingIfNeeded: piece.rawValue >> (8 * $0)) : 0 }
        var offset = offset
        do {
            for chunk in chunks {
                try cipher.apply(to: chunk, nonce: nonce, offset: offset)
                offset += chunk.count
            }
        } catch {
            throw StorageError(.io, operation: "encrypt", path: "piece \(piece)", reason: error.description)
        }
    }
}

@Suite("A store that encrypts", .timeLimit(.minutes(1)))
struct EncryptedStoreTests {
    private let key = SecretBytes(copying: (0..<32).map { UInt8($0) })

    @Test func keepsToTheRulesOfStores() throws {
        let findings = try checkPieceStore { info in
            try EncryptedStore(MemoryStore(info.geometry), key: key)
        }
        #expect(findings.isEmpty)
    }

    @Test func sessionDownloadsIntoItAndServesFromIt() async throws {
        try await withWorkshop { workshop in
            let seed = try await workshop.makeSeed(sizes: [300_000, 70_000])
            let base = MemoryStore(seed.metainfo.info.geometry)
            var options = AddOptions(peers: seed.session.endpoints)
            options.makeStore = { [key] _ throws(StorageError) in try makeStore(base, key: key) }
            let session = try await workshop.makeSession("leech")
            let torrent = try await session.add(MagnetLink(seed.metainfo), options: options)
            try await torrent.finished()
            let plain = try workshop.bytes(of: "seed/content/0")
            #expect(try await torrent.read(file: 0).bytes() == plain)
            var stored = [UInt8](repeating: 0, count: 1_000)
            try stored.withUnsafeMutableBytes { try base.read(piece: PieceIndex(0 as Int), offset: 0, into: $0) }
            #expect(stored != Array(plain.prefix(1_000)))
        }
    }
}

/// With a wrong key the store cannot be opened.
private func makeStore(_ base: MemoryStore, key: SecretBytes) throws(StorageError) -> EncryptedStore {
    do { return try EncryptedStore(base, key: key) } catch {
        throw StorageError(.io, operation: "encrypt", path: "", reason: error.description)
    }
}
