// SPDX-License-Identifier: Apache-2.0

/// A moment on a monotonic clock with an arbitrary zero: only differences between instants are meaningful.
///
/// Cores never read a clock. Their driver passes the time in, so that a simulation can control it.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's zero.
    public var nanoseconds: Int64

    /// Creates an instant from nanoseconds since the clock's zero.
    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The clock's zero.
    public static let zero = Instant(nanoseconds: 0)

    /// Whether `a` is earlier than `b`.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    /// The instant `b` after `a`.
    @inlinable public static func + (a: Self, b: Interval) -> Self { .init(nanoseconds: a.nanoseconds + b.nanoseconds) }
    /// The interval from `b` to `a`.
    @inlinable public static func - (a: Self, b: Self) -> Interval { .init(nanoseconds: a.nanoseconds - b.nanoseconds) }
}

/// A length of time in 64 bits. The standard library's `Duration` takes 128.
public struct Interval: Hashable, Comparable, Sendable {
    /// The length in nanoseconds; may be negative.
    public var nanoseconds: Int64

    /// Creates an interval of `nanoseconds`.
    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// An interval of no length.
    public static let zero = Interval(nanoseconds: 0)

    /// An interval of `count` milliseconds.
    @inlinable public static func milliseconds(_ count: some BinaryInteger) -> Self {
        .init(nanoseconds: Int64(count) * 1_000_000)
    }
    /// An interval of `count` seconds.
    @inlinable public static func seconds(_ count: some BinaryInteger) -> Self {
        .init(nanoseconds: Int64(count) * 1_000_000_000)
    }
    /// An interval of `count` seconds, truncated to nanoseconds.
    @inlinable public static func seconds(_ count: Double) -> Self { .init(nanoseconds: Int64(count * 1e9)) }
    /// An interval of `count` minutes.
    @inlinable public static func minutes(_ count: some BinaryInteger) -> Self { .seconds(Int64(count) * 60) }

    /// The length in seconds.
    @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// Whether `a` is shorter than `b`.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    /// The sum of two intervals.
    @inlinable public static func + (a: Self, b: Self) -> Self { .init(nanoseconds: a.nanoseconds + b.nanoseconds) }
    /// The difference of two intervals.
    @inlinable public static func - (a: Self, b: Self) -> Self { .init(nanoseconds: a.nanoseconds - b.nanoseconds) }
    /// The interval `a` multiplied by `b`.
    @inlinable public static func * (a: Self, b: Int64) -> Self { .init(nanoseconds: a.nanoseconds * b) }
    /// The interval `a` divided by `b`, truncated to nanoseconds.
    @inlinable public static func / (a: Self, b: Int64) -> Self { .init(nanoseconds: a.nanoseconds / b) }
}
