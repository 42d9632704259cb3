// SPDX-License-Identifier: Apache-2.0

/// Joins the two descriptions in a hybrid info dictionary, which must list the same files in the same order at the same
/// offsets (BEP 52, "Upgrade path").
struct HybridFiles {
    let pieceLength: Int

    /// Returns the v1 files, including padding, each with its root from the v2 tree.
    func join(_ v1: [RawFile], with v2: [RawFile], name: ArraySlice<UInt8>) throws(MetainfoError) -> [RawFile] {
        var joined = v1
        var remaining = v2[...]
        var offset = 0
        for index in joined.indices {
            let file = joined[index]
            let (end, overflow) = offset.addingReportingOverflow(file.size)
            guard !overflow else { throw mismatch(file, expected: "sizes that add up") }
            defer { offset = end }
            if file.attributes.contains(.padding) {
                try check(file, startingAt: offset)
                continue
            }
            guard let twin = remaining.popFirst() else { throw mismatch(file, expected: "no more files than in v2") }
            guard file.folder == twin.folder, file.name ?? name == twin.name, file.size == twin.size,
                file.symlinkTarget == twin.symlinkTarget
            else {
                throw mismatch(file, expected: "the path, length and link of the same file in v2")
            }
            guard file.size == 0 || offset.isMultiple(of: pieceLength) else {
                throw mismatch(file, expected: "a file that begins with a piece")
            }
            joined[index].root = twin.root
        }
        if let extra = remaining.first { throw mismatch(extra, expected: "no more files than in v1") }
        return joined
    }

    /// Checks that padding extends exactly to the next piece. Otherwise v1 and v2 would number pieces differently.
    private func check(_ padding: RawFile, startingAt offset: Int) throws(MetainfoError) {
        let gap = (pieceLength - offset % pieceLength) % pieceLength
        guard padding.size == gap else { throw mismatch(padding, expected: "\(gap) bytes of padding") }
    }

    private func mismatch(_ file: RawFile, expected: String) -> MetainfoError {
        file.view.mismatch(.hybridMismatch, "info.files", expected: expected)
    }
}
