// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

/// Gathers what the threads of a recheck find, piece by piece and file by file.
final class CheckFindings: Sendable {
    private struct FileFindings {
        var checked = 0
        var right = 0
        var wrong = 0
        /// From here on the file has no bytes; nil where no end was met.
        var absentFrom: Int?
        /// Not even its first byte could be found.
        var isMissing = false
        /// Some of it could not be found.
        var lacksBytes = false
        /// The first error that is more than absence.
        var error: StorageError?
    }

    private struct State {
        var have: Bitfield
        var files: [FileFindings]
        var unknownPieceCount = 0
        var disagreements: [PieceIndex] = []
    }

    private let state: Mutex<State>
    /// A file without a byte has none after it either; with a store of pieces, one that is missing says nothing of others.
    private let keepsFiles: Bool

    init(info: TorrentInfo, keepsFiles: Bool) {
        self.keepsFiles = keepsFiles
        state = Mutex(
            State(
                have: Bitfield(count: info.geometry.pieceCount),
                files: Array(repeating: FileFindings(), count: info.files.count)
            )
        )
    }

    /// Whether a piece of `segments` lies where its file is known to have no bytes: nothing is gained by reading it.
    ///
    /// That is told of pieces inside one file only. Those that files share may be kept elsewhere, while a file that nobody
    /// wants is missing.
    func knowsAbsence(in segments: [PieceSegment]) -> Bool {
        guard keepsFiles, let segment = segments.first, segments.count == 1 else { return false }
        return state.withLock { state in
            guard let end = state.files[segment.file].absentFrom else { return false }
            return segment.offsetInFile + segment.byteCount > end
        }
    }

    /// Takes the verdict on a piece that could be read.
    func handle(_ verdict: PieceVerdict, of piece: PieceIndex, segments: [PieceSegment]) {
        state.withLock { state in
            switch verdict {
            case .right: state.have.insert(piece)
            case .wrong: break
            case .unknown: state.unknownPieceCount += 1
            case .disagreement: state.disagreements.append(piece)
            }
            for segment in segments {
                state.files[segment.file].checked += segment.byteCount
                switch verdict {
                case .right: state.files[segment.file].right += segment.byteCount
                case .wrong: state.files[segment.file].wrong += segment.byteCount
                case .unknown, .disagreement: break
                }
            }
        }
    }

    /// Takes a piece that was not read, for what is known of its files.
    func handleAbsence(segments: [PieceSegment]) {
        state.withLock { state in
            for segment in segments { state.files[segment.file].checked += segment.byteCount }
        }
    }

    /// Takes a piece of `segments` that could not be read because of `error` at `place`.
    func handle(_ error: StorageError, at place: PieceSegment, segments: [PieceSegment]) {
        handleAbsence(segments: segments)
        state.withLock { state in
            if keepsFiles, error.endsFile {
                let end = state.files[place.file].absentFrom ?? .max
                state.files[place.file].absentFrom = min(end, place.offsetInFile)
            }
            if error.code == .missing {
                if place.offsetInFile == 0 { state.files[place.file].isMissing = true }
                state.files[place.file].lacksBytes = true
            }
            if !error.meansAbsence, state.files[place.file].error == nil { state.files[place.file].error = error }
        }
    }

    /// `facts`: what the disk says of each file that is there; nil where the store keeps none.
    func makeReport(files: [FileEntry], facts: [Int: FileFacts]?) -> CheckReport {
        state.withLock { state in
            let checks = files.indices.filter { !files[$0].isPadding && files[$0].symlinkTarget == nil }.map { index in
                let status = Self.status(of: state.files[index], size: files[index].size)
                return FileCheck(
                    fileIndex: index,
                    status: facts.map { Self.refine(status, size: files[index].size, $0[index]) } ?? status,
                    checkedByteCount: state.files[index].checked,
                    rightByteCount: state.files[index].right
                )
            }
            return CheckReport(
                have: state.have,
                files: checks,
                unknownPieceCount: state.unknownPieceCount,
                disagreements: state.disagreements.sorted()
            )
        }
    }

    private static func status(of file: FileFindings, size: Int) -> FileCheck.Status {
        if let error = file.error { return .unreadable(error) }
        if file.isMissing { return .missing }
        if file.wrong > 0 || file.absentFrom != nil || file.lacksBytes { return .damaged }
        return file.right == file.checked && (file.checked > 0 || size == 0) ? .complete : .undecided
    }

    /// Bytes that are right are not a file that is right.
    private static func refine(_ status: FileCheck.Status, size: Int, _ facts: FileFacts?) -> FileCheck.Status {
        switch (status, facts) {
        case (.unreadable, _), (.missing, _): status
        case (_, .some(let facts)) where !facts.isFinished: .partial
        case (_, .some(let facts)) where facts.size > size: .tooLong(facts.size)
        case (.complete, nil): .missing
        default: status
        }
    }
}

extension StorageError {
    /// Whether it says only that bytes are not there.
    fileprivate var meansAbsence: Bool { code == .missing || code == .changed }

    /// Whether reading further on in the same file would fail likewise.
    fileprivate var endsFile: Bool {
        meansAbsence || code == .permission || code == .notADirectory || code == .occupied
    }
}
