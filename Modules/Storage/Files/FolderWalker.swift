// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Opens the folders of successive files. Neighbouring files of a torrent usually share theirs.
struct FolderWalker {
    private let store: FileStore
    private var components: [String]?
    private var folder: Descriptor?

    init(_ store: FileStore) { self.store = store }

    /// Returns the folder that holds `file`; nil if it is missing and `creating` is false.
    mutating func parent(of file: Int, creating: Bool = false) throws(StorageError) -> Descriptor? {
        let wanted = store.names.folder(of: file)
        if components?.hasSameBytes(as: wanted) == true, folder != nil || !creating { return folder }
        folder = try store.parent(of: file, creating: creating)
        components = wanted
        return folder
    }
}
