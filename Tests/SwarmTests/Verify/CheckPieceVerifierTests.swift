// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheTesting
import RucheWire
import Testing

/// `checkPieceVerifier` accepts correct verifiers, and finds faulty ones.
struct CheckPieceVerifierTests {
    private static func pieces(_ torrent: VirtualTorrent) -> [[UInt8]] {
        (0..<torrent.info.geometry.pieceCount).map { Array(torrent.data(of: PieceIndex($0))) }
    }

    @Test("Our verifiers conform", arguments: [TorrentFormat.v1, .v2, .hybrid])
    func ours(format: TorrentFormat) async throws {
        let torrent = try VirtualTorrent(format, pieceLength: 32_768, fileSizes: [100_000, 5, 32_768], seed: 1)
        let findings = await checkPieceVerifier(torrent.metainfo.makeVerifier(), pieces: Self.pieces(torrent))
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("A custom verifier conforms without digests")
    func anAppsOwn() async {
        let pieces = (0..<4).map { [UInt8](repeating: UInt8($0), count: 20_000) }
        let findings = await checkPieceVerifier(HashList(pieces.map { SHA256.hash($0) }), pieces: pieces)
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("Verifiers that check too little are found", arguments: [Lax.length, .chunks, .batch])
    func faults(fault: Lax) async {
        let pieces = (0..<4).map { [UInt8](repeating: UInt8($0), count: 20_000) }
        let list = HashList(pieces.map { SHA256.hash($0) })
        #expect(await !checkPieceVerifier(LaxVerifier(list: list, fault: fault), pieces: pieces).isEmpty)
    }
}

/// Judges each piece by its SHA-256.
private struct HashList: PieceVerifier {
    private let digests: [SHA256Digest]

    init(_ digests: [SHA256Digest]) { self.digests = digests }

    func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
        guard piece.int < digests.count else { return .unknown }
        return SHA256.hash(chunks.flatMap { Array($0) }) == digests[piece.int] ? .right : .wrong(leaves: [])
    }
}

/// What a careless verifier overlooks.
enum Lax { case length, chunks, batch }

private struct LaxVerifier: PieceVerifier {
    let list: HashList
    let fault: Lax

    func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
        switch fault {
        case .length:
            var bytes = chunks.flatMap { Array($0) }
            if bytes.count > 20_000 { bytes.removeLast(bytes.count - 20_000) }
            return bytes.withUnsafeBytes { list.verdict(on: piece, chunks: [$0]) }
        case .chunks: return list.verdict(on: piece, chunks: Array(chunks.prefix(1)))
        case .batch: return list.verdict(on: piece, chunks: chunks)
        }
    }

    func verdicts(on pieces: [PieceChunks]) -> [PieceVerdict] {
        let verdicts = pieces.map { verdict(on: $0.piece, chunks: $0.chunks) }
        return fault == .batch ? verdicts.reversed() : verdicts
    }
}
