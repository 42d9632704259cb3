// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

extension Descriptor {
    /// Returns the names in this folder, without `.` and `..`, sorted by their bytes. Call it only once per descriptor.
    func names() throws(SystemError) -> [[UInt8]] {
        let copy = try Self.retrying { dup(number) }
        guard let stream = fdopendir(copy) else {
            let error = SystemError.current
            _ = systemClose(copy)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        guard errno == 0 else { throw .current }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

// Inside the class, the plain name would call its own method.
private func systemClose(_ number: Int32) -> Int32 { close(number) }
