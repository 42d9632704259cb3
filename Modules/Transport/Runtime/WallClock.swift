// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The time of day, to compare with dates from others. For drivers only: cores receive the time.
package enum WallClock {
    /// Seconds since 1970.
    package static var secondsSince1970: Int { Int(time(nil)) }
}
