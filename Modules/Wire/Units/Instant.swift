// SPDX-License-Identifier: Apache-2.0

/// A moment on a monotonic clock whose zero means nothing: only differences count.
///
/// Cores never read a clock; whoever drives them passes this in, so a simulation may make time.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's own zero.
    public var nanoseconds: Int64

    /// A moment by its distance from zero.
    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The clock's zero.
    public static let zero = Instant(nanoseconds: 0)

    /// By time.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    /// Later by an interval.
    @inlinable public static func + (a: Self, b: Interval) -> Self { .init(nanoseconds: a.nanoseconds + b.nanoseconds) }
    /// The interval since `b`.
    @inlinable public static func - (a: Self, b: Self) -> Interval { .init(nanoseconds: a.nanoseconds - b.nanoseconds) }
}

/// A length of time; 64 bits, where the standard library's `Duration` takes 128.
public struct Interval: Hashable, Comparable, Sendable {
    /// Nanoseconds, negative for the past.
    public var nanoseconds: Int64

    /// A length by its nanoseconds.
    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Nothing.
    public static let zero = Interval(nanoseconds: 0)

    /// `count` thousandths of a second.
    @inlinable public static func milliseconds(_ count: some BinaryInteger) -> Self {
        .init(nanoseconds: Int64(count) * 1_000_000)
    }
    /// `count` seconds.
    @inlinable public static func seconds(_ count: some BinaryInteger) -> Self {
        .init(nanoseconds: Int64(count) * 1_000_000_000)
    }
    /// `count` seconds, to the nanosecond.
    @inlinable public static func seconds(_ count: Double) -> Self { .init(nanoseconds: Int64(count * 1e9)) }
    /// `count` minutes.
    @inlinable public static func minutes(_ count: some BinaryInteger) -> Self { .seconds(Int64(count) * 60) }

    /// In seconds.
    @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// By length.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    /// Their sum.
    @inlinable public static func + (a: Self, b: Self) -> Self { .init(nanoseconds: a.nanoseconds + b.nanoseconds) }
    /// Their difference.
    @inlinable public static func - (a: Self, b: Self) -> Self { .init(nanoseconds: a.nanoseconds - b.nanoseconds) }
    /// So many times as long.
    @inlinable public static func * (a: Self, b: Int64) -> Self { .init(nanoseconds: a.nanoseconds * b) }
    /// The part of it, cut to whole nanoseconds.
    @inlinable public static func / (a: Self, b: Int64) -> Self { .init(nanoseconds: a.nanoseconds / b) }
}
