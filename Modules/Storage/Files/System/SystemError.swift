// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A system call's failure, before it is told what it was about.
struct SystemError: Error, Hashable {
    /// The error number.
    let number: Int32

    /// The failure that `errno` names now.
    static var current: SystemError { SystemError(number: errno) }

    /// Something is there already.
    static let exists = SystemError(number: EEXIST)

    /// Nothing is there.
    var isMissing: Bool { number == ENOENT }
    /// Something is there already.
    var isExisting: Bool { number == EEXIST }
    /// The other end is on another file system.
    var isOtherFileSystem: Bool { number == EXDEV }
    /// A folder still holds something.
    var isNotEmpty: Bool { number == ENOTEMPTY || number == EEXIST }
    /// A path leads through something that is no folder.
    var isNotADirectory: Bool { number == ENOTDIR || number == ELOOP }
    /// Somebody else holds the lock.
    var isLocked: Bool { number == EWOULDBLOCK }
    /// Access is refused.
    var isRefused: Bool { number == EACCES || number == EPERM || number == EROFS }

    /// A name that the file system does not take.
    var isUnfitName: Bool { number == ENAMETOOLONG || number == EINVAL || number == EILSEQ }
    /// The file system has no hard links, or none here.
    var isWithoutLinks: Bool { [EPERM, EACCES, EOPNOTSUPP, ENOSYS, EMLINK, EXDEV].contains(number) }

    /// The kind, as `StorageError` sorts them.
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
    /// What the system refused, where.
    init(_ error: SystemError, operation: String, path: String) {
        let reason = strerror(error.number).map { String(cString: $0) } ?? "error \(error.number)"
        self.init(error.code, operation: operation, path: path, errno: error.number, reason: reason)
    }
}

/// Calls `body`, naming what was done to what where the system refuses. The path is put together only then.
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
