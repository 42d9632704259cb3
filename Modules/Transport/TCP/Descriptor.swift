// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The few system calls on file descriptors that NIO does not expose.
enum Descriptor {
    static func close(_ descriptor: Int32) {
        _ = systemClose(descriptor)
    }

    /// Returns another descriptor for the same connection, which stays open when the first is closed.
    static func duplicate(_ descriptor: Int32) throws(TransportError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw TransportError(errno: errno, "duplicate a socket") }
        return copy
    }

    static func setNonBlockingCloseOnExec(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Calls a function that fills in a socket address of any family.
    static func readAddress(
        into storage: inout sockaddr_storage,
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
    }
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
