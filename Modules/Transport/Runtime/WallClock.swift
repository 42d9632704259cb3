// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The time of day, for dates that others name. For drivers only: cores are told.
package enum WallClock {
    /// Seconds since 1970.
    package static var secondsSince1970: Int { Int(time(nil)) }
}
