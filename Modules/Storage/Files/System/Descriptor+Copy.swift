// SPDX-License-Identifier: Apache-2.0

extension Descriptor {
    /// Copies all bytes to `copy`, with the permissions and modification time in `status`, and flushes it.
    func copyAll(to copy: Descriptor, _ status: FileStatus) throws(SystemError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: StorageLimits.copyBytes, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = try read(into: buffer, at: offset)
            guard count > 0 else { break }
            // Holes stay holes.
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if bytes.contains(where: { $0 != 0 }) { try copy.write(bytes, at: offset) }
            offset += count
        }
        try copy.resize(to: offset)
        try copy.setPermissions(status.permissions)
        try copy.setModified(nanoseconds: status.modifiedNanoseconds)
        try copy.syncData()
    }

    /// Whether the file contains only zeros, so that nothing would be lost with it.
    func holdsNothing() throws(SystemError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: StorageLimits.copyBytes, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = try read(into: buffer, at: offset)
            guard count > 0 else { return true }
            if buffer[..<count].contains(where: { $0 != 0 }) { return false }
            offset += count
        }
    }
}
