// SPDX-License-Identifier: Apache-2.0

extension UnsafeRawBufferPointer {
    /// The bytes as C functions expect them: the pointer is never null. For an empty buffer it points to a placeholder
    /// that must not be read.
    var octets: UnsafePointer<UInt8> {
        (baseAddress ?? emptyBuffer.address).assumingMemoryBound(to: UInt8.self)
    }
}

extension UnsafeMutableRawBufferPointer {
    /// The bytes as C functions expect them: the pointer is never null. For an empty buffer it points to a placeholder
    /// that must not be written.
    var octets: UnsafeMutablePointer<UInt8> {
        UnsafeMutablePointer(mutating: UnsafeRawBufferPointer(self).octets)
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` with typed throws.
    func withOctets<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBufferPointer { (buffer) throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// `withUnsafeMutableBytes` with typed throws.
    mutating func withMutableOctets<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeMutableBufferPointer { (buffer) throws(E) in try body(UnsafeMutableRawBufferPointer(buffer)) }
    }
}

private struct EmptyBuffer: @unchecked Sendable {  // its bytes are never read or written
    let address = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16))
}

private let emptyBuffer = EmptyBuffer()
