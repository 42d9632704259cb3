// SPDX-License-Identifier: Apache-2.0

extension UnsafeRawBufferPointer {
    /// The bytes as C functions want them. An empty buffer gives some address all the same, never to be read: they
    /// take non-null pointers only.
    var octets: UnsafePointer<UInt8> {
        (baseAddress ?? emptyBuffer.address).assumingMemoryBound(to: UInt8.self)
    }
}

extension UnsafeMutableRawBufferPointer {
    /// The bytes as C functions want them. An empty buffer gives some address all the same, never to be written.
    var octets: UnsafeMutablePointer<UInt8> {
        UnsafeMutablePointer(mutating: UnsafeRawBufferPointer(self).octets)
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` with typed errors.
    func withOctets<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBufferPointer { (buffer) throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// `withUnsafeMutableBytes` with typed errors.
    mutating func withMutableOctets<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeMutableBufferPointer { (buffer) throws(E) in try body(UnsafeMutableRawBufferPointer(buffer)) }
    }
}

private struct EmptyBuffer: @unchecked Sendable {  // no byte of it is ever read or written
    let address = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16))
}

private let emptyBuffer = EmptyBuffer()
