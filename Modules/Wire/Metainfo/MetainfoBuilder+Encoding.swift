// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

extension MetainfoBuilder {
    /// Returns the canonical info dictionary (BEP 3, 27, 47, 52).
    func makeInfoDictionary() -> [UInt8] {
        let isV1 = format != .v2
        let isV2 = format != .v1
        let isSingleFile = files.count == 1 && files[0].path.isEmpty
        var encoder = BencodeEncoder(capacity: 1024 + pieceHashes.bytes.count)
        encoder.dictionary { info in
            if isV1, isSingleFile { info.entry("attr", files[0].attributeLetters) }
            if isV2 {
                info.key("file tree")
                info.fileTree(files.map { (isSingleFile ? [name] : $0.path, $0) }[...], depth: 0)
            }
            if isV1, !isSingleFile {
                info.key("files")
                info.fileList(makeLayout().files)
            }
            if isV1, isSingleFile { info.entry("length", files[0].size) }
            info.entry("meta version", isV2 ? 2 : nil)
            info.entry("name", name)
            info.entry("piece length", pieceLength)
            if isV1 { info.entry("pieces", pieceHashes.bytes) }
            info.entry("private", isPrivate ? 1 : nil)
        }
        return encoder.bytes
    }
}

extension BencodeEncoder {
    fileprivate mutating func fileList(_ entries: [FileEntry]) {
        list { list in
            for entry in entries {
                list.dictionary { file in
                    file.entry("attr", entry.attributeLetters)
                    file.entry("length", entry.size)
                    file.key("path")
                    file.strings(Array(entry.path.dropFirst()))
                    if let target = entry.symlinkTarget {
                        file.key("symlink path")
                        file.strings(Array(target.dropFirst()))
                    }
                }
            }
        }
    }

    /// Writes the directory that contains `files`, which are sorted and share their first `depth` components.
    fileprivate mutating func fileTree(
        _ files: ArraySlice<(path: [String], file: MetainfoBuilder.File)>,
        depth: Int
    ) {
        dictionary { directory in
            var rest = files
            while let first = rest.first, depth < first.path.count {
                let name = first.path[depth]
                let group = rest.prefix { depth < $0.path.count && $0.path[depth].utf8.elementsEqual(name.utf8) }
                rest = rest.dropFirst(group.count)
                directory.key(name)
                if first.path.count == depth + 1 {
                    directory.dictionary { $0.treeFile(first.file) }
                } else {
                    directory.fileTree(group, depth: depth + 1)
                }
            }
        }
    }

    private mutating func treeFile(_ file: MetainfoBuilder.File) {
        key("")
        dictionary { properties in
            properties.entry("attr", file.attributeLetters)
            properties.entry("length", file.size)
            properties.entry("pieces root", file.size > 0 ? file.root?.bytes : nil)
            if let target = file.symlinkTarget {
                properties.key("symlink path")
                properties.strings(target)
            }
        }
    }
}

extension FileEntry {
    fileprivate var attributeLetters: String? {
        isPadding
            ? "p"
            : makeAttributeLetters(isExecutable: isExecutable, isHidden: isHidden, isSymlink: symlinkTarget != nil)
    }
}

extension MetainfoBuilder.File {
    fileprivate var attributeLetters: String? {
        makeAttributeLetters(isExecutable: isExecutable, isHidden: isHidden, isSymlink: symlinkTarget != nil)
    }
}

/// The value of `attr` (BEP 47); nil for a regular file.
private func makeAttributeLetters(isExecutable: Bool, isHidden: Bool, isSymlink: Bool) -> String? {
    let letters = (isExecutable ? "x" : "") + (isHidden ? "h" : "") + (isSymlink ? "l" : "")
    return letters.isEmpty ? nil : letters
}
