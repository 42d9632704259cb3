// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The tail of a byte stream in a ring. Bytes are appended at the end, copied out by their offset in the stream, and
/// freed from the start. Grows by doubling; the owner limits what is appended.
struct ByteRing {
    /// The offset in the stream of the oldest byte held.
    private(set) var start: UInt64 = 0
    /// The offset in the stream after the newest byte.
    private(set) var end: UInt64 = 0

    private var storage: [UInt8] = []
    /// A ring that becomes empty releases memory beyond this.
    private static let keptBytes = 1 << 20
    private static let smallestCapacity = 4096

    var count: Int { Int(end - start) }

    mutating func append(_ bytes: ByteBuffer) {
        let length = bytes.readableBytes
        guard length > 0 else { return }
        if count + length > storage.count { grow(to: count + length) }
        bytes.withUnsafeReadableBytes { source in
            let place = Int(end & mask)
            let first = min(length, storage.count - place)
            storage.withUnsafeMutableBytes { target in
                target[place..<place + first].copyBytes(from: source[..<first])
                target[..<(length - first)].copyBytes(from: source[first...])
            }
        }
        end += UInt64(length)
    }

    /// Appends `length` bytes from `offset` to `buffer`. They must be held.
    func write(from offset: UInt64, _ length: Int, into buffer: inout ByteBuffer) {
        guard length > 0 else { return }
        let place = Int(offset & mask)
        let first = min(length, storage.count - place)
        storage.withUnsafeBytes { source in
            _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: source[place..<place + first]))
            if first < length {
                _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: source[..<(length - first)]))
            }
        }
    }

    /// Frees everything before `offset`.
    mutating func free(before offset: UInt64) {
        start = min(max(start, offset), end)
        if start == end, storage.count > Self.keptBytes { storage = [] }
    }

    private var mask: UInt64 { UInt64(storage.count) &- 1 }

    private mutating func grow(to needed: Int) {
        var capacity = max(Self.smallestCapacity, storage.count)
        while capacity < needed { capacity *= 2 }
        let old = (storage, mask)
        storage = [UInt8](repeating: 0, count: capacity)
        var offset = start
        while offset < end {
            let (from, to) = (Int(offset & old.1), Int(offset & mask))
            let length = min(Int(end - offset), old.0.count - from, capacity - to)
            storage.withUnsafeMutableBytes { target in
                old.0.withUnsafeBytes { target[to..<to + length].copyBytes(from: $0[from..<from + length]) }
            }
            offset += UInt64(length)
        }
    }
}
