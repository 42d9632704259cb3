// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// libsodium as a process-wide facility.
enum Sodium {
    /// Must come before any other call into it; costs next to nothing after the first time. Thread-safe.
    @inline(__always)
    static func start() { _ = started }

    private static let started: Void = precondition(sodium_init() >= 0, "libsodium found no source of randomness")
}
