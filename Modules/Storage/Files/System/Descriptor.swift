// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// An open file or folder.
///
/// Owner: every holder of a reference. It closes with the last one, so one thread may drop it from a cache while
/// another still reads from it. Interrupted calls are retried.
final class Descriptor: Sendable {
    /// The descriptor's number.
    let number: Int32

    init(number: Int32) { self.number = number }

    deinit { _ = systemClose(number) }

    /// How to open a file or folder.
    enum Mode {
        /// An existing file, for reading.
        case reading
        /// An existing file, for reading and writing.
        case writing
        /// A file for reading and writing, created if needed.
        case creating
        /// A new file for reading and writing; fails if it exists.
        case creatingNew
        /// A folder.
        case folder

        fileprivate var flags: Int32 {
            switch self {
            // Opening must not block on a pipe planted under a file's name. Anything but a regular file is refused
            // afterwards.
            case .reading: O_RDONLY | O_NONBLOCK
            case .writing: O_RDWR | O_NONBLOCK
            case .creating: O_RDWR | O_NONBLOCK | O_CREAT
            case .creatingNew: O_RDWR | O_NONBLOCK | O_CREAT | O_EXCL
            case .folder: O_RDONLY | O_DIRECTORY
            }
        }
    }

    /// Opens `path`, which the user chose; symbolic links in it are followed.
    static func open(path: String, _ mode: Mode) throws(SystemError) -> Descriptor {
        let number = try retrying { systemOpen(path, mode.flags | O_CLOEXEC, 0o666) }
        return Descriptor(number: number)
    }

    /// Opens `name` in this folder; a symbolic link is an error unless `followsLinks`.
    func open(_ name: String, _ mode: Mode, followsLinks: Bool = false) throws(SystemError) -> Descriptor {
        let flags = mode.flags | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW)
        let number = try Self.retrying { openat(self.number, name, flags, 0o666) }
        return Descriptor(number: number)
    }

    /// Repeats `call` while signals interrupt it.
    @discardableResult
    static func retrying<I: FixedWidthInteger>(_ call: () -> I) throws(SystemError) -> I {
        while true {
            let result = call()
            if result != -1 { return result }
            if errno != EINTR { throw .current }
        }
    }
}

// Inside the class, the plain names would call its own methods.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
private func systemClose(_ number: Int32) -> Int32 { close(number) }
