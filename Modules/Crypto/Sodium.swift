// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// The initialisation of libsodium.
enum Sodium {
    /// Initialises libsodium. Call it before any other function of the library. Thread-safe; nearly free after the
    /// first call.
    @inline(__always)
    static func start() { _ = started }

    private static let started: Void = precondition(sodium_init() >= 0, "libsodium found no source of randomness")
}
