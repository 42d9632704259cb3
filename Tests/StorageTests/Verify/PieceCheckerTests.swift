// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheWire
import Synchronization
import Testing

@Suite struct PieceCheckerTests {
    private static let pieceLength = 32 * 1024
    private static let sizes = [100_000, 0, 32_768, 5, 70_000]

    private static func makeTorrent(_ kind: HandmadeTorrent.Kind, alignsFiles: Bool = true) -> HandmadeTorrent {
        let files = sizes.enumerated().map { patternBytes($1, seed: UInt64($0 + 1)) }
        return HandmadeTorrent(kind, pieceLength: pieceLength, files: files, alignsFiles: alignsFiles)
    }

    /// Returns the report on `torrent` if its bytes are `space` and reading fails as given.
    private static func check(
        _ torrent: HandmadeTorrent,
        space: [UInt8]? = nil,
        faults: [ScriptedStore.Fault] = [],
        pieces: Bitfield? = nil
    ) async throws -> CheckReport {
        let length = torrent.info.geometry.pieceLength
        let store = ScriptedStore(space ?? torrent.space, pieceLength: length, faults: faults)
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        return try await checker.check(pieces)
    }

    private static func range(of file: Int, in torrent: HandmadeTorrent) -> Range<Int> {
        torrent.info.files.filter { !$0.isPadding }[file].range
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func completeData(kind: HandmadeTorrent.Kind) async throws {
        let torrent = Self.makeTorrent(kind)
        let report = try await Self.check(torrent)
        #expect(report.have.isComplete)
        #expect(report.have.count == torrent.info.geometry.pieceCount)
        #expect(report.files.map(\.status) == Array(repeating: .complete, count: 5))
        #expect(report.files.map(\.rightByteCount) == Self.sizes)
        #expect(report.files.map { torrent.info.files[$0.fileIndex].size } == Self.sizes)
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func oneWrongByteCostsOnePiece(kind: HandmadeTorrent.Kind) async throws {
        let torrent = Self.makeTorrent(kind)
        var space = torrent.space
        space[Self.pieceLength + 77] ^= 1
        let report = try await Self.check(torrent, space: space)
        #expect(!report.have[PieceIndex(1)])
        #expect(report.have.setCount == report.have.count - 1)
        #expect(report.files.map(\.status) == [.damaged, .complete, .complete, .complete, .complete])
        #expect(report.files[0].rightByteCount == 100_000 - Self.pieceLength)
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func missingFiles(kind: HandmadeTorrent.Kind) async throws {
        let torrent = Self.makeTorrent(kind)
        let faults = [0, 3].map { ScriptedStore.Fault(range: Self.range(of: $0, in: torrent), code: .missing) }
        let report = try await Self.check(torrent, faults: faults)
        #expect(report.files.map(\.status) == [.missing, .complete, .complete, .missing, .complete])
        #expect(report.files.map(\.rightByteCount) == [0, 0, 32_768, 0, 70_000])
        #expect(report.files.map(\.checkedByteCount) == Self.sizes)
    }

    @Test func filesThatShareAPieceWithAMissingOneAreUndecided() async throws {
        let torrent = Self.makeTorrent(.v1, alignsFiles: false)
        let missing = ScriptedStore.Fault(range: Self.range(of: 3, in: torrent), code: .missing)
        let report = try await Self.check(torrent, faults: [missing])
        // The five bytes are in the middle of a piece, between the ends of their neighbours.
        #expect(report.files.map(\.status) == [.complete, .complete, .undecided, .missing, .undecided])
    }

    @Test(arguments: [StorageError.Code.missing, .changed])
    func truncatedFile(code: StorageError.Code) async throws {
        let torrent = Self.makeTorrent(.v2)
        let report = try await Self.check(torrent, faults: [.init(range: 40_000..<100_000, code: code)])
        #expect(report.files[0].status == .damaged)
        #expect(report.files[0].rightByteCount == Self.pieceLength)
        #expect(report.have[PieceIndex(0)] && !report.have[PieceIndex(1)] && !report.have[PieceIndex(2)])
    }

    @Test func errorsOfTheSystemAreReportedByFile() async throws {
        let torrent = Self.makeTorrent(.hybrid)
        let faults: [ScriptedStore.Fault] = [
            .init(range: 0..<1, code: .io), .init(range: Self.range(of: 4, in: torrent), code: .permission),
        ]
        let report = try await Self.check(torrent, faults: faults)
        guard case .unreadable(let first) = report.files[0].status, case .unreadable(let last) = report.files[4].status
        else {
            Issue.record("\(report.files)")
            return
        }
        #expect(first.code == .io && last.code == .permission)
        // What follows a bad sector is still read.
        #expect(report.files[0].rightByteCount == 100_000 - Self.pieceLength)
        #expect(report.files[4].rightByteCount == 0)
    }

    @Test func aSubsetIsCheckedAlone() async throws {
        let torrent = Self.makeTorrent(.v2)
        var pieces = Bitfield(count: torrent.info.geometry.pieceCount)
        pieces.insert(PieceIndex(2))
        let report = try await Self.check(torrent, pieces: pieces)
        #expect(Array(report.have.indices) == [PieceIndex(2)])
        #expect(report.files[0].checkedByteCount == Self.pieceLength)
        #expect(report.files[0].status == .complete)
        #expect(report.files[4].status == .undecided)
    }

    @Test func unknownAndContradictoryPiecesAreCounted() async throws {
        let torrent = Self.makeTorrent(.v2)
        let store = ScriptedStore(torrent.space, pieceLength: Self.pieceLength)
        let blind = PieceChecker(info: torrent.info, store: store, verifier: torrent.info.makeVerifier())
        let report = try await blind.check()
        #expect(report.unknownPieceCount == 4 + 3)
        #expect(report.files[0].status == .undecided)
        #expect(report.files[2].status == .complete)

        let hybrid = Self.makeTorrent(.hybrid)
        let layers = hybrid.layers.mapValues { Array($0.reversed()) }
        let contradictory = hybrid.info.makeVerifier(layers: PieceLayers(layers))
        let verdicts = try await PieceChecker(info: hybrid.info, store: store, verifier: contradictory).check()
        #expect(verdicts.disagreements == [0, 1, 2, 3, 6, 8].map { PieceIndex(UInt32($0)) })
    }

    @Test func aMissingFileOfManyPiecesIsNotReadOverAndOver() async throws {
        let torrent = HandmadeTorrent(.v1, pieceLength: 16_384, files: [patternBytes(4 << 20)])
        let missing = ScriptedStore.Fault(range: 0..<(4 << 20), code: .missing)
        let store = ScriptedStore(torrent.space, pieceLength: 16_384, faults: [missing])
        var checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        checker.threadCount = 4
        let report = try await checker.check()
        #expect(report.have.isEmpty)
        #expect(report.files[0].status == .missing)
        #expect(store.readCount <= 4, "each thread may encounter it once")
    }

    @Test func piecesThatFilesShareAreReadThoughOneFileIsMissing() async throws {
        // As with an unwanted file: only what its neighbours' pieces hold of it is kept.
        let torrent = Self.makeTorrent(.v1, alignsFiles: false)
        let missing = ScriptedStore.Fault(range: 32_768..<98_304, code: .missing)
        let store = ScriptedStore(torrent.space, pieceLength: Self.pieceLength, faults: [missing])
        var checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        checker.threadCount = 1
        let report = try await checker.check()
        #expect(Array(report.have.indices) == [0, 3, 4, 5, 6].map { PieceIndex(UInt32($0)) })
        #expect(report.files.map(\.status) == [.damaged, .complete, .complete, .complete, .complete])
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func aLargePieceIsReadInParts(kind: HandmadeTorrent.Kind) async throws {
        let files = [patternBytes(16 << 20), patternBytes((3 << 20) + 12_345, seed: 2)]
        let torrent = HandmadeTorrent(kind, pieceLength: 16 << 20, files: files)
        let store = ScriptedStore(torrent.space, pieceLength: 16 << 20)
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        let report = try await checker.check()
        #expect(report.have.isComplete)
        #expect(store.largestRead <= 1 << 20)
    }

    @Test func progressRisesToTheEnd() async throws {
        let torrent = Self.makeTorrent(.hybrid)
        let store = ScriptedStore(torrent.space, pieceLength: Self.pieceLength)
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        let reports = Mutex<[ByteProgress]>([])
        _ = try await checker.check { progress in reports.withLock { $0.append(progress) } }
        let total = Self.sizes.reduce(0, +)
        let steps = reports.withLock { $0 }
        #expect(steps.allSatisfy { $0.totalByteCount == total })
        #expect(steps.last?.doneByteCount == total)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.doneByteCount < $1.doneByteCount })
    }

    @Test func cancellationStopsIt() async throws {
        let torrent = HandmadeTorrent(.v1, pieceLength: 16_384, files: [patternBytes(8 << 20)])
        let started = AsyncStream<Void>.makeStream()
        let gate = Gate()
        let store = ScriptedStore(torrent.space, pieceLength: 16_384) { count in
            // The reader waits for the cancellation, so the check cannot finish first.
            if count == 10 { started.continuation.yield() }
            if count >= 10 { gate.wait() }
        }
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        let check = Task { try await checker.check() }
        for await _ in started.stream { break }
        check.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await check.value }
        #expect(store.readCount < 512)
    }

    @Test func aTorrentWithoutPiecesIsComplete() async throws {
        let torrent = HandmadeTorrent(.v1, pieceLength: 16_384, files: [[], []])
        let report = try await Self.check(torrent)
        #expect(report.have.count == 0)
        #expect(report.files.map(\.status) == [.complete, .complete])
    }
}
