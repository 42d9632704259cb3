// SPDX-License-Identifier: Apache-2.0

/// The open files of one torrent, by file index. The least recently used one is evicted.
struct DescriptorCache {
    /// An open file, and whether it is writable.
    struct Opened {
        let descriptor: Descriptor
        let isWritable: Bool
    }

    private struct Entry {
        let file: Int
        let opened: Opened
        var lastUse: UInt64
    }

    private var entries: [Int: Entry] = [:]
    private var clock: UInt64 = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = max(1, limit)
        entries.reserveCapacity(self.limit)
    }

    /// Returns the file if it is open and suits the use.
    mutating func find(_ file: Int, toWrite: Bool) -> Descriptor? {
        guard let index = entries.index(forKey: file) else { return nil }
        let opened = entries.values[index].opened
        guard opened.isWritable || !toWrite else { return nil }
        clock += 1
        entries.values[index].lastUse = clock
        return opened.descriptor
    }

    /// Inserts `opened`. Returns the evicted descriptor, so the caller can close it outside a lock.
    mutating func insert(_ file: Int, _ opened: Opened) -> Descriptor? {
        clock += 1
        var removed = entries.updateValue(Entry(file: file, opened: opened, lastUse: clock), forKey: file)
        if entries.count > limit, let oldest = entries.values.min(by: { $0.lastUse < $1.lastUse }) {
            removed = entries.removeValue(forKey: oldest.file)
        }
        return removed?.opened.descriptor
    }

    /// Removes `file`. It closes when the caller releases the result.
    mutating func remove(_ file: Int) -> Descriptor? { entries.removeValue(forKey: file)?.opened.descriptor }

    /// Removes all files. They close when the caller releases the result.
    mutating func removeAll() -> [Descriptor] {
        defer { entries.removeAll(keepingCapacity: true) }
        return entries.values.map(\.opened.descriptor)
    }
}
