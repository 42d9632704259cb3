// SPDX-License-Identifier: Apache-2.0

/// The RC4 stream cipher as MSE uses it. It hides a protocol from those who filter it and is no protection of content.
///
/// Written here because OpenSSL 3 has it in its legacy provider alone. Uniquely owned, so that no keystream is ever
/// used twice by accident; wiped when it goes.
public struct RC4: ~Copyable, @unchecked Sendable {  // the table has one owner
    /// The permutation. Words rather than bytes: loads need no widening, and stores forward faster to them.
    private let table: UnsafeMutablePointer<UInt32>
    private var i: Int = 0
    private var j: Int = 0

    /// The stream of `key`, 1 to 256 bytes, without its first `discarding` bytes.
    public init(key: some Sequence<UInt8>, discarding: Int = 0) {
        let key = Array(key)
        precondition(1...256 ~= key.count, "RC4 keys have 1 to 256 bytes")
        table = .allocate(capacity: 256)
        for index in 0..<256 { (table + index).initialize(to: UInt32(index)) }
        var j = 0
        for index in 0..<256 {
            let value = table[index]
            j = (j + Int(value) + Int(key[index % key.count])) & 255
            table[index] = table[j]
            table[j] = value
        }
        discard(discarding)
    }

    deinit {
        table.update(repeating: 0, count: 256)
        table.deallocate()
    }

    /// Encrypts or decrypts `bytes`, the next of the stream, in place.
    public mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        let table = table
        var i = i
        var j = j
        var next = bytes.baseAddress
        var remaining = bytes.count
        // Eight bytes of keystream are gathered in a register, so that the payload is read and written once.
        while remaining >= 8, let address = next {
            var word: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                word |= UInt64(RC4.nextByte(table, &i, &j)) << shift
            }
            let payload = address.loadUnaligned(as: UInt64.self)
            address.storeBytes(of: payload ^ word.littleEndian, as: UInt64.self)
            next = address + 8
            remaining -= 8
        }
        for offset in bytes.count - remaining..<bytes.count { bytes[offset] ^= UInt8(RC4.nextByte(table, &i, &j)) }
        self.i = i
        self.j = j
    }

    /// Encrypts or decrypts `bytes`, the next of the stream, in place.
    public mutating func apply(to bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { apply(to: $0) }
    }

    /// Skips bytes of the keystream.
    private mutating func discard(_ count: Int) {
        for _ in 0..<count { _ = RC4.nextByte(table, &i, &j) }
    }

    @inline(__always)
    private static func nextByte(_ table: UnsafeMutablePointer<UInt32>, _ i: inout Int, _ j: inout Int) -> UInt32 {
        i = (i &+ 1) & 255
        let atI = table[i]
        j = (j &+ Int(truncatingIfNeeded: atI)) & 255
        let atJ = table[j]
        table[i] = atJ
        table[j] = atI
        return table[Int(truncatingIfNeeded: (atI &+ atJ) & 255)]
    }
}
