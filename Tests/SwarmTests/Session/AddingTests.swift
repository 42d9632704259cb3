// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Adding torrents", .serialized, .timeLimit(.minutes(3)))
struct AddingTests {
    private let ground: Playground

    init() throws { ground = try Playground() }

    @Test("A torrent is added by its file; any other file gives an error that names it")
    func torrentFile() async throws {
        let metainfo = try await ground.makeTorrent()
        let session = try await ground.makeSession("seed")
        try Data(metainfo.encoded()).write(to: URL(fileURLWithPath: ground.at("content.torrent")))
        let torrent = try await session.add(torrentFile: ground.at("content.torrent"))
        try await torrent.finished()
        try Data("d4:infoi1ee".utf8).write(to: URL(fileURLWithPath: ground.at("odd.torrent")))
        for path in ["absent.torrent", "odd.torrent", "seed"] {
            let error = await #expect(throws: TorrentError.self) {
                try await session.add(torrentFile: ground.at(path))
            }
            #expect(error?.code == .torrentFile && error?.reason.contains(ground.at(path)) == true, "\(path)")
        }
        await session.shutdown()
    }

    @Test("The error for a duplicate contains the existing torrent")
    func duplicate() async throws {
        let metainfo = try await ground.makeTorrent("content", .hybrid)
        let session = try await ground.makeSession("seed")
        let torrent = try await session.add(metainfo)
        let again = await #expect(throws: TorrentError.self) { try await session.add(metainfo) }
        #expect(again?.code == .duplicate && again?.torrent === torrent)
        let hashes = try #require(InfoHashes(v1: nil, v2: metainfo.info.hashes.v2))
        let magnet = await #expect(throws: TorrentError.self) { try await session.add(MagnetLink(hashes: hashes)) }
        #expect(magnet?.torrent === torrent)
        await session.shutdown()
    }

    @Test("The limits of a running session can be raised and removed")
    func rates() async throws {
        let metainfo = try await ground.makeTorrent(sizes: [2_000_000])
        let seed = try await ground.makeSession("seed") { $0.uploadLimitBytesPerSecond = 1 }
        try await seed.add(metainfo).finished()
        let leech = try await ground.makeSession("leech")
        let torrent = try await leech.add(metainfo, options: .from(seed))
        await torrent.wait { !$0.peers.isEmpty }
        // Two megabytes at one byte per second would outlast the suite.
        seed.setRates(downloadBytesPerSecond: nil, uploadBytesPerSecond: nil)
        try await torrent.finished()
        #expect(ground.isSame("content/0", in: "leech"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("A magnet link's store is created from its metadata")
    func madeStore() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let leech = try await ground.makeSession("leech")
        let store = MemoryStore(pieceLength: 32_768, limitBytes: 1 << 20)
        let options = AddOptions.from(seed) {
            $0.makeStore = { info throws(StorageError) in
                guard info.geometry.pieceLength == 32_768 else {
                    throw StorageError(.limit, operation: "make", path: "store", reason: "pieces are too long")
                }
                return store
            }
        }
        try await leech.add(MagnetLink(hashes: metainfo.info.hashes), options: options).finished()
        #expect(store.count == metainfo.info.geometry.pieceCount)
        #expect(!ground.exists("leech/content"))
        await leech.shutdown()
        await seed.shutdown()
    }

    @Test("Pieces that a store vouches for are not read at the start, unless a recheck is requested")
    func vouching() async throws {
        let metainfo = try await ground.makeTorrent()
        let seed = try await ground.makeSeed(metainfo)
        let (leech, memory) = (try await ground.makeSession("leech"), MemoryStore(metainfo.info.geometry))
        try await leech.add(metainfo, options: .from(seed) { $0.makeStore = { _ in memory } }).finished()
        await leech.shutdown()
        await seed.shutdown()

        for isRechecked in [false, true] {
            let store = VouchingStore(FaultyStore(memory), metainfo.info.geometry.pieceCount)
            let session = try await ground.makeSession("again")
            var options = AddOptions()
            options.isRechecked = isRechecked
            options.makeStore = { _ in store }
            try await session.add(metainfo, options: options).finished()
            #expect((store.base.counts.reads > 0) == isRechecked)
            await session.shutdown()
        }
    }

    /// A store that has everything, and knows it.
    private final class VouchingStore: PieceStore, Vouching {
        let base: FaultyStore
        private let count: Int

        init(_ base: FaultyStore, _ count: Int) {
            self.base = base
            self.count = count
        }

        var abilities: StoreAbilities {
            var abilities = base.abilities
            abilities.vouching = self
            return abilities
        }

        // A bitfield with one piece too many is not believed.
        func vouchedPieces() -> Bitfield { Bitfield(count: count + 1, allSet: true) }

        func read(
            piece: PieceIndex,
            offset: Int,
            into chunks: [UnsafeMutableRawBufferPointer]
        ) throws(StorageError) {
            try base.read(piece: piece, offset: offset, into: chunks)
        }

        func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {
            try base.write(piece: piece, offset: offset, chunks: chunks)
        }

        func flush() throws(StorageError) { try base.flush() }

        func close() { base.close() }
    }
}
