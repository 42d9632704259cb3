// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Which files the user wants, in any of the ways to say so.
struct FileChoice {
    private let options: AddOptions
    private let ranges: [ClosedRange<Int>]?

    /// Creates a choice. `ranges`: the selection of a magnet link (BEP 53); the user's `options` take precedence.
    init(_ options: AddOptions, _ ranges: [ClosedRange<Int>]?) {
        self.options = options
        self.ranges = ranges
    }

    /// Returns one priority for each of the torrent's files. Throws `.noSuchFile` if a path is not among them.
    func priorities(in info: TorrentInfo) throws(TorrentError) -> [FetchPriority] {
        var priorities = Array(repeating: FetchPriority.normal, count: info.files.count)
        if !options.onlyPaths.isEmpty {
            let chosen = try indices(of: options.onlyPaths, in: info)
            for index in priorities.indices where !chosen.contains(index) { priorities[index] = .skip }
        } else if let ranges {
            try select(ranges, of: info.selectableFiles, in: &priorities)
        }
        for (index, priority) in options.filePriorities where priorities.indices.contains(index) {
            priorities[index] = priority
        }
        return priorities
    }

    /// Indices beyond the last file are ignored. An empty selection is an error: it can mean neither everything nor
    /// nothing.
    private func select(
        _ ranges: [ClosedRange<Int>],
        of files: [Int],
        in priorities: inout [FetchPriority]
    ) throws(TorrentError) {
        var next = ranges[...]
        var isAnyWanted = false
        for (place, file) in files.enumerated() {
            while let range = next.first, range.upperBound < place { next = next.dropFirst() }
            let isWanted = next.first?.contains(place) ?? false
            if !isWanted { priorities[file] = .skip }
            isAnyWanted = isAnyWanted || isWanted
        }
        guard !isAnyWanted else { return }
        throw TorrentError(.noSuchFile, "the link selects none of the torrent's \(files.count) files")
    }

    /// A path names a file, or all files below a folder.
    private func indices(of paths: [String], in info: TorrentInfo) throws(TorrentError) -> Set<Int> {
        var chosen: Set<Int> = []
        for path in paths {
            let wanted = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
            let found = info.files.indices.filter { index in
                let path = info.files[index].path
                return path.starts(with: wanted) || path.dropFirst().starts(with: wanted)
            }
            guard !found.isEmpty, !wanted.isEmpty else {
                throw TorrentError(.noSuchFile, "there is no file \(path) in this torrent")
            }
            chosen.formUnion(found)
        }
        return chosen
    }
}

extension TorrentInfo {
    /// The indices of the files that count for BEP 53: padding does not.
    fileprivate var selectableFiles: [Int] { files.indices.filter { !files[$0].isPadding } }
}
