// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// Pieces on their way to the disk, and what becomes of those whose file goes missing.
struct TorrentDiskTests {
    private let folder = NSTemporaryDirectory() + "ruche-disk-\(UUID().uuidString)"

    private func makeDisk(_ torrent: VirtualTorrent, knowsLayers: Bool = true) throws -> TorrentDisk {
        let layers = knowsLayers ? torrent.metainfo.pieceLayers : [:]
        return TorrentDisk(
            info: torrent.info,
            store: try FileStore(torrent.info, in: folder),
            journal: nil,
            verifier: torrent.info.makeVerifier(layers: PieceLayers(layers)),
            layers: layers,
            have: Bitfield(count: torrent.info.geometry.pieceCount)
        )
    }

    /// Judges and keeps `pieces` in one batch, as they are in the torrent.
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
