// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Collects what the threads of a recheck find, by piece and by file.
final class CheckFindings: Sendable {
    private struct FileFindings {
        var checked = 0
        var right = 0
        var wrong = 0
        /// The offset from which the file has no bytes; nil if no end was found.
        var absentFrom: Int?
        /// Whether not even the first byte exists.
        var isMissing = false
        /// Whether some bytes are missing.
        var lacksBytes = false
        /// The first error other than missing bytes.
        var error: StorageError?
    }

    private struct State {
        var have: Bitfield
        var files: [FileFindings]
        var unknownPieceCount = 0
        var disagreements: [PieceIndex] = []
    }

    private let state: Locked<State>
    /// Whether a missing byte means that all later bytes of the file are missing. In a store of pieces it says nothing
    /// about others.
    private let keepsFiles: Bool

    init(info: TorrentInfo, keepsFiles: Bool) {
        self.keepsFiles = keepsFiles
        state = Locked(
            State(
                have: Bitfield(count: info.geometry.pieceCount),
                files: Array(repeating: FileFindings(), count: info.files.count)
            )
        )
    }

    /// Whether a piece lies where its file is known to have no bytes, so reading it is pointless.
    ///
    /// This applies only to pieces inside one file. The bytes of a shared piece may be in the parts file while an
    /// unwanted file is missing.
    func knowsAbsence(in segments: [PieceSegment]) -> Bool {
        guard keepsFiles, let segment = segments.first, segments.count == 1 else { return false }
        return state.withLock { state in
            guard let end = state.files[segment.file].absentFrom else { return false }
            return segment.offsetInFile + segment.byteCount > end
        }
    }

    /// Records the verdict on a piece that was read.
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

    /// Records a piece that was not read because its file is known to have no bytes.
    func handleAbsence(segments: [PieceSegment]) {
        state.withLock { state in
            for segment in segments { state.files[segment.file].checked += segment.byteCount }
        }
    }

    /// Records a piece of `segments` that could not be read because of `error` at `place`.
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

    /// `facts` holds the size and time of each existing file; nil if the store does not keep files.
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

    /// Adjusts a status by the file's facts: correct bytes alone do not make a complete file.
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
    /// Whether the error only says that bytes are missing.
    fileprivate var meansAbsence: Bool { code == .missing || code == .changed }

    /// Whether reading further in the same file would fail in the same way.
    fileprivate var endsFile: Bool {
        meansAbsence || code == .permission || code == .notADirectory || code == .occupied
    }
}
