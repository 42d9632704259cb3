// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The error of a failed system call, without context.
struct SystemError: Error, Hashable {
    /// The error number.
    let number: Int32

    /// The error in `errno` now.
    static var current: SystemError { SystemError(number: errno) }

    /// The entry already exists.
    static let exists = SystemError(number: EEXIST)

    /// The entry does not exist.
    var isMissing: Bool { number == ENOENT }
    /// The entry already exists.
    var isExisting: Bool { number == EEXIST }
    /// The destination is on another file system.
    var isOtherFileSystem: Bool { number == EXDEV }
    /// The folder is not empty.
    var isNotEmpty: Bool { number == ENOTEMPTY || number == EEXIST }
    /// A component of the path is not a folder.
    var isNotADirectory: Bool { number == ENOTDIR || number == ELOOP }
    /// Another process holds the lock.
    var isLocked: Bool { number == EWOULDBLOCK }
    /// Access is refused.
    var isRefused: Bool { number == EACCES || number == EPERM || number == EROFS }

    /// The file system does not support the name.
    var isUnfitName: Bool { number == ENAMETOOLONG || number == EINVAL || number == EILSEQ }
    /// The file system does not support hard links, or not here.
    var isWithoutLinks: Bool { [EPERM, EACCES, EOPNOTSUPP, ENOSYS, EMLINK, EXDEV].contains(number) }

    /// The corresponding `StorageError` code.
    var code: StorageError.Code {
        switch number {
        case ENOSPC, EDQUOT: .diskFull
        case EACCES, EPERM: .permission
        case EROFS: .readOnlyDisk
        case ENOENT: .missing
        case ELOOP, ENOTDIR: .notADirectory
        case EMFILE, ENFILE: .tooManyOpenFiles
        case EFBIG: .fileTooLong
        case ENAMETOOLONG: .nameTooLong
        case ENODEV, ENXIO, ESTALE, ENOTCONN, EHOSTDOWN: .diskGone
        case EISDIR, EEXIST: .occupied
        default: .io
        }
    }
}

extension StorageError {
    /// Adds what was attempted and where.
    init(_ error: SystemError, operation: String, path: String) {
        let reason = strerror(error.number).map { String(cString: $0) } ?? "error \(error.number)"
        self.init(error.code, operation: operation, path: path, errno: error.number, reason: reason)
    }
}

/// Calls `body` and adds context to a system error. The path is only built after a failure.
@discardableResult
func naming<R>(
    _ operation: StaticString,
    _ path: @autoclosure () -> String,
    _ body: () throws(SystemError) -> R
) throws(StorageError) -> R {
    do throws(SystemError) {
        return try body()
    } catch {
        throw StorageError(error, operation: operation.description, path: path())
    }
}
