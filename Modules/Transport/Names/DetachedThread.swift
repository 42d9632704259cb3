// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A thread that is never joined, for a system call that may never return.
enum DetachedThread {
    /// Starts a thread that runs `body` and ends. Returns false, without running `body`, if the system cannot create a
    /// thread.
    static func run(_ body: @escaping @Sendable () -> Void) -> Bool {
        let job = Unmanaged.passRetained(DetachedJob(body))
        guard let thread = start(job.toOpaque()) else {
            job.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    #if canImport(Darwin)
    private static func start(_ job: UnsafeMutableRawPointer) -> pthread_t? {
        var thread: pthread_t?
        return pthread_create(&thread, nil, { runDetachedJob($0) }, job) == 0 ? thread : nil
    }
    #else
    private static func start(_ job: UnsafeMutableRawPointer) -> pthread_t? {
        var thread = pthread_t()
        return pthread_create(&thread, nil, { runDetachedJob($0) }, job) == 0 ? thread : nil
    }
    #endif
}

private final class DetachedJob: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runDetachedJob(_ job: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let job else { return nil }
    Unmanaged<DetachedJob>.fromOpaque(job).takeRetainedValue().body()
    return nil
}
