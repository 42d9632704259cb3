// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheStorage

/// A verifier that needs whole pieces finds the same as one that needs only digests.
struct WholePieceScanTests {
    private static let pieceLength = 32 * 1024

    /// Forwards everything except the ability to verify by digests.
    private struct Whole: PieceVerifier {
        let base: any PieceVerifier

        func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
            base.verdict(on: piece, chunks: chunks)
        }
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases, [true, false])
    func findsTheSame(kind: HandmadeTorrent.Kind, isDamaged: Bool) async throws {
        let sizes = [100_000, 0, 32_768, 5, 70_000]
        let files = sizes.enumerated().map { patternBytes($1, seed: UInt64($0 + 1)) }
        let torrent = HandmadeTorrent(kind, pieceLength: Self.pieceLength, files: files)
        var space = torrent.space
        var faults: [ScriptedStore.Fault] = []
        if isDamaged {
            space[Self.pieceLength + 77] ^= 1
            let missing = torrent.info.files.filter { !$0.isPadding }[4]
            faults = [ScriptedStore.Fault(range: missing.range, code: .missing)]
        }
        let store = ScriptedStore(space, pieceLength: Self.pieceLength, faults: faults)
        let verifiers: [any PieceVerifier] = [torrent.verifier, Whole(base: torrent.verifier)]
        var reports: [CheckReport] = []
        for verifier in verifiers {
            reports.append(try await PieceChecker(info: torrent.info, store: store, verifier: verifier).check())
        }
        #expect(reports[0].have == reports[1].have)
        #expect(reports[0].files == reports[1].files)
        #expect(reports[1].have.isComplete == !isDamaged)
        #expect(reports[1].have.setCount > 0)
    }

    @Test func takesNoMoreThreadsThanPiecesFitIntoMemory() {
        let plan = ScanPlan(wholePiecesOf: 16 << 20, threadCount: 8, pieceCount: 100)
        #expect(plan.threadCount == 2)
        #expect(ScanPlan(wholePiecesOf: 256 << 20, threadCount: 8, pieceCount: 100).threadCount == 1)
        #expect(ScanPlan(wholePiecesOf: 16_384, threadCount: 8, pieceCount: 3).threadCount == 3)
    }
}
