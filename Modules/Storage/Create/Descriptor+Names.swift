// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

extension Descriptor {
    /// The names in this folder as the system has them, without `.` and `..`, in order of their bytes. Once a descriptor.
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

// Inside the class, the plain name is its own method.
private func systemClose(_ number: Int32) -> Int32 { close(number) }
