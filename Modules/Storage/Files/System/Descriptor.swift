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
/// Owner: whoever holds a reference; it is closed when the last one goes, so that one thread may drop it from a cache
/// while another still reads from it. Calls resume after a signal.
final class Descriptor: Sendable {
    /// The system's number.
    let number: Int32

    init(number: Int32) { self.number = number }

    deinit { _ = systemClose(number) }

    /// How to open.
    enum Mode {
        /// A file, to read.
        case reading
        /// A file that exists, to read and write.
        case writing
        /// A file, made if need be, to read and write.
        case creating
        /// A file that does not exist yet, to read and write.
        case creatingNew
        /// A folder.
        case folder

        fileprivate var flags: Int32 {
            switch self {
            // A pipe planted under a file's name must not block us: what is no plain file is refused afterwards.
            case .reading: O_RDONLY | O_NONBLOCK
            case .writing: O_RDWR | O_NONBLOCK
            case .creating: O_RDWR | O_NONBLOCK | O_CREAT
            case .creatingNew: O_RDWR | O_NONBLOCK | O_CREAT | O_EXCL
            case .folder: O_RDONLY | O_DIRECTORY
            }
        }
    }

    /// Opens `path`, which the user chose: symbolic links in it are followed.
    static func open(path: String, _ mode: Mode) throws(SystemError) -> Descriptor {
        let number = try retrying { systemOpen(path, mode.flags | O_CLOEXEC, 0o666) }
        return Descriptor(number: number)
    }

    /// Opens `name` in this folder; a symbolic link is an error unless links are followed.
    func open(_ name: String, _ mode: Mode, followsLinks: Bool = false) throws(SystemError) -> Descriptor {
        let flags = mode.flags | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW)
        let number = try Self.retrying { openat(self.number, name, flags, 0o666) }
        return Descriptor(number: number)
    }

    /// Repeats `call` while a signal interrupts it.
    @discardableResult
    static func retrying<I: FixedWidthInteger>(_ call: () -> I) throws(SystemError) -> I {
        while true {
            let result = call()
            if result != -1 { return result }
            if errno != EINTR { throw .current }
        }
    }
}

// Inside the class, the plain names are its own methods.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
private func systemClose(_ number: Int32) -> Int32 { close(number) }
