// SPDX-License-Identifier: Apache-2.0

/// Bytes that have been received and not yet consumed.
struct MSEInput {
    private var bytes: [UInt8] = []
    /// Bytes discarded in search of the end of a pad.
    private var skippedCount = 0

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Removes and returns the next `count` bytes; nil until all of them have arrived.
    mutating func take(_ count: Int) -> [UInt8]? {
        guard bytes.count >= count else { return nil }
        defer { bytes.removeFirst(count) }
        return Array(bytes.prefix(count))
    }

    /// Removes and returns all remaining bytes.
    mutating func takeAll() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Drops everything up to and including `mark`; returns false if more bytes are needed, and keeps fewer bytes than
    /// the mark has then.
    ///
    /// - Throws: `MSEError` with the code `.noSynchronisation` if the mark does not begin within the maximum pad
    ///   length.
    mutating func skip(past mark: [UInt8]) throws(MSEError) -> Bool {
        while bytes.count >= mark.count {
            // The last place where the mark can begin, given the bytes that have arrived.
            let last = min(bytes.count - mark.count, MSELimits.maximumPadLength - skippedCount)
            if let found = (0...last).first(where: { bytes[$0...].starts(with: mark) }) {
                bytes.removeFirst(found + mark.count)
                return true
            }
            bytes.removeFirst(last + 1)
            skippedCount += last + 1
            guard skippedCount <= MSELimits.maximumPadLength else {
                throw .noSynchronisation(within: MSELimits.maximumPadLength)
            }
        }
        return false
    }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Reads `byteCount` bytes, which must exist.
    func bigEndian(at offset: Int, byteCount: Int) -> UInt32 {
        self[offset..<offset + byteCount].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
