// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// Pieces on their way to the disk, and what happens to those whose file is lost.
struct TorrentDiskTests {
    private let folder = NSTemporaryDirectory() + "ruche-disk-\(UUID().uuidString)"

    private func makeDisk(
        _ torrent: VirtualTorrent,
        knowsLayers: Bool = true,
        store: (any PieceStore)? = nil,
        journal: ResumeJournal? = nil
    ) throws -> TorrentDisk {
        let layers = knowsLayers ? torrent.metainfo.pieceLayers : [:]
        return TorrentDisk(
            info: torrent.info,
            store: try store ?? FileStore(torrent.info, in: folder),
            journal: journal,
            judging: PieceJudging(layers: layers) { [info = torrent.info] in info.makeVerifier(layers: $0) },
            have: Bitfield(count: torrent.info.geometry.pieceCount)
        )
    }

    /// Judges and stores `pieces` of the torrent in one batch.
    private func keep(_ pieces: [Int], of torrent: VirtualTorrent, in disk: TorrentDisk) -> KeptPieces {
        let buffers = pieces.map { piece in
            let data = torrent.data(of: PieceIndex(piece))
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 16)
            buffer.copyBytes(from: data)
            return buffer
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        let requests = zip(pieces, buffers).map { piece, buffer in
            let data = PieceData(chunks: [UnsafeRawBufferPointer(buffer)])
            return JudgeRequest(piece: PieceIndex(piece), wantsDigests: false, data: data)
        }
        return disk.keep(zip(requests, disk.verdicts(on: requests)).map { HashedPiece(request: $0, verdict: $1) })
    }

    private func stored(_ kept: KeptPieces) -> [Int] { kept.judged.filter(\.isStored).map(\.piece.int) }

    @Test func layersThatHaveComeAreJudgedByAtOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let torrent = try VirtualTorrent(.v2, pieceLength: 16_384, fileSizes: [100_000], seed: 1)
        let disk = try makeDisk(torrent, knowsLayers: false)
        #expect(stored(keep([0, 1], of: torrent, in: disk)) == [])
        disk.learn(torrent.metainfo.pieceLayers)
        #expect(stored(keep([0, 1], of: torrent, in: disk)) == [0, 1])
    }

    @Test("After a failed flush, a later one vouches only for what was read and written again")
    func failedFlush() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let torrent = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [60_000], seed: 3)
        let identity = ResumeIdentity(hashes: torrent.info.hashes, pieceCount: 4)
        let path = folder + "/journal"
        var journal = try ResumeJournal.open(path, for: identity)
        let memory = MemoryStore(torrent.info.geometry)
        var faults = FaultyStore.Faults()
        faults.failingFlushes = [1: .io]
        let store = FaultyStore(memory, faults: faults)
        let disk = try makeDisk(torrent, store: store, journal: journal)
        #expect(stored(keep([0, 1, 2], of: torrent, in: disk)) == [0, 1, 2])
        #expect(disk.checkpoint().failure?.code == .io)
        // If the process ends here, the next one finds them in doubt, though the system was not restarted.
        #expect(journal.state.verified.isEmpty && journal.state.suspects.indices.map(\.int) == [0, 1, 2])
        // The system loses one of them and damages another. Meanwhile a further one arrives.
        memory.drop(PieceIndex(0))
        let zeros = [UInt8](repeating: 0, count: 16)
        try zeros.withUnsafeBytes { try memory.write(piece: PieceIndex(1), offset: 0, chunks: [$0]) }
        #expect(stored(keep([3], of: torrent, in: disk)) == [3])
        let writes = store.counts.writes
        let settled = disk.checkpoint()
        #expect(settled.failure == nil && settled.lost.map(\.int) == [0, 1] && settled.notices.count == 1)
        #expect(store.counts.writes == writes + 1, "correct pieces are written again")
        #expect(disk.checkpoint().lost.isEmpty && store.counts.writes == writes + 1)
        journal.abandon()
        journal = try ResumeJournal.open(path, for: identity)
        #expect(journal.state.verified.indices.map(\.int) == [2, 3] && journal.state.suspects.isEmpty)
        #expect(journal.state.unflushed.isEmpty)
    }

    @Test func piecesOfAFileThatIsGoneAreLostAndNothingFails() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let torrent = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [60_000, 20_000], seed: 2)
        let disk = try makeDisk(torrent)
        #expect(stored(keep([0, 1, 2], of: torrent, in: disk)) == [0, 1, 2])
        try FileManager.default.removeItem(atPath: folder + "/virtual/0.part")
        // The last piece of the first file, and the rest of the second, in one batch.
        let kept = keep([3, 4], of: torrent, in: disk)
        #expect(stored(kept) == [4])
        #expect(kept.settled.lost == (0..<4).map { PieceIndex($0) } && kept.settled.failure == nil)
        #expect(kept.judged[0].failure?.code == .lost)
        #expect(kept.settled.notices.count == 1)

        #expect(stored(keep([0, 1, 2, 3], of: torrent, in: disk)) == [0, 1, 2, 3])
        for (file, size) in [60_000, 20_000].enumerated() {
            #expect(FileManager.default.contents(atPath: folder + "/virtual/\(file)")?.count == size)
        }
        #expect(disk.settleFiles(onlyUnfinished: false).lost == [])
        try FileManager.default.removeItem(atPath: folder + "/virtual/1")
        #expect(disk.settleFiles(onlyUnfinished: false).lost == [PieceIndex(3), PieceIndex(4)])
    }
}
