// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Determines which files become complete as pieces are stored.
struct FileCompletion {
    private let pieceLength: Int
    private let files: [FileEntry]
    private var have: Bitfield
    /// The number of pieces that each file still lacks.
    private var missing: [Int]

    init(_ info: TorrentInfo, have: Bitfield) {
        pieceLength = info.geometry.pieceLength
        files = info.files
        self.have = have
        missing = Self.missing(info.files, info.geometry.pieceLength, have)
    }

    private static func missing(_ files: [FileEntry], _ pieceLength: Int, _ have: Bitfield) -> [Int] {
        files.map { file in
            guard file.hasBytes else { return 0 }
            return file.pieces(ofLength: pieceLength).count { !have[PieceIndex($0)] }
        }
    }

    /// Creates an instance without files, for content that is not a torrent.
    init() {
        pieceLength = 1
        files = []
        have = Bitfield(count: 0)
        missing = []
    }

    /// Records that exactly these pieces are stored.
    mutating func handleRechecked(_ found: Bitfield) {
        have = found
        missing = Self.missing(files, pieceLength, have)
    }

    /// Complete files that have bytes.
    var complete: [Int] { files.indices.filter { files[$0].hasBytes && missing[$0] == 0 } }

    /// Records a stored piece and returns the files that are now complete.
    mutating func handleStored(_ piece: PieceIndex) -> [Int] {
        guard have.insert(piece) else { return [] }
        var finished: [Int] = []
        for index in filesWithBytes(in: piece) {
            missing[index] -= 1
            if missing[index] == 0 { finished.append(index) }
        }
        return finished
    }

    /// Records that a piece is lost.
    mutating func handleLost(_ piece: PieceIndex) {
        guard have.remove(piece) else { return }
        for index in filesWithBytes(in: piece) { missing[index] += 1 }
    }

    private func filesWithBytes(in piece: PieceIndex) -> [Int] {
        let start = piece.int * pieceLength
        var index = firstFile(endingAfter: start)
        var found: [Int] = []
        while index < files.count, files[index].offset < start + pieceLength {
            if files[index].hasBytes { found.append(index) }
            index += 1
        }
        return found
    }

    private func firstFile(endingAfter position: Int) -> Int {
        files.partitioningIndex { $0.offset + $0.size > position }
    }
}

extension FileEntry {
    /// Whether anything of the file has to be stored.
    fileprivate var hasBytes: Bool { size > 0 && !isPadding }

    /// Returns the indices of the pieces that contain bytes of the file.
    func pieces(ofLength pieceLength: Int) -> Range<Int> {
        guard size > 0 else { return 0..<0 }
        return offset / pieceLength..<(offset + size - 1) / pieceLength + 1
    }
}
