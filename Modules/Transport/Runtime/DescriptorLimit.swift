// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The number of file descriptors that the process may have: its soft limit, which it can raise to the hard limit.
package enum DescriptorLimit {
    /// The soft limit.
    package static var current: Int { Int(clamping: read()?.rlim_cur ?? 256) }

    /// Raises the soft limit towards `wanted` as far as the hard limit allows; never lowers it. Returns the resulting
    /// limit.
    package static func raise(to wanted: Int) -> Int {
        guard var limit = read() else { return current }
        #if canImport(Darwin)
        // The kernel refuses more than this, whatever the hard limit is.
        let most = min(rlim_t(max(0, wanted)), min(limit.rlim_max, rlim_t(OPEN_MAX)))
        #else
        let most = min(rlim_t(max(0, wanted)), limit.rlim_max)
        #endif
        guard most > limit.rlim_cur else { return current }
        limit.rlim_cur = most
        _ = write(&limit)
        return current
    }

    /// Checks that the process may have `count` descriptors, before parts are started that end it if they get none.
    ///
    /// - Throws: `TransportError.Code.exhausted` if it may not.
    package static func require(_ count: Int) throws(TransportError) {
        let current = current
        guard current < count else { return }
        throw TransportError(.exhausted, "open \(count) files and connections with a limit of \(current)")
    }

    private static func read() -> rlimit? {
        var limit = rlimit()
        #if canImport(Glibc)
        let result = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
        let result = getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        return result == 0 ? limit : nil
    }

    private static func write(_ limit: inout rlimit) -> Bool {
        #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        #else
        setrlimit(RLIMIT_NOFILE, &limit) == 0
        #endif
    }
}
