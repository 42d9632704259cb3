// SPDX-License-Identifier: Apache-2.0

/// The RC4 stream cipher as MSE uses it. It hides a protocol from those who filter it and is no protection of content.
///
/// Written here because OpenSSL 3 has it in its legacy provider alone. Uniquely owned, so that no keystream is ever
/// used twice by accident; wiped when it goes.
public struct RC4: ~Copyable, @unchecked Sendable {  // the table has one owner
    /// The permutation. Words rather than bytes: loads need no widening, and stores forward faster to them.
    private let table: UnsafeMutablePointer<UInt32>
    private var cursor: Cursor

    /// The stream of `key`, 1 to 256 bytes, without its first `discarding` bytes.
    public init(key: some Sequence<UInt8>, discarding: Int = 0) {
        let key = Array(key)
        precondition(1...256 ~= key.count, "RC4 keys have 1 to 256 bytes")
        table = .allocate(capacity: 256)
        for index in 0..<256 { (table + index).initialize(to: UInt32(index)) }
        var j: UInt8 = 0
        for index in 0..<256 {
            let value = table[index]
            j &+= UInt8(truncatingIfNeeded: value) &+ key[index % key.count]
            table[index] = table[Int(j)]
            table[Int(j)] = value
        }
        cursor = Cursor(i: 1, j: 0, atI: table[1])
        for _ in 0..<discarding { _ = cursor.nextByte(table) }
    }

    deinit {
        table.update(repeating: 0, count: 256)
        table.deallocate()
    }

    /// Encrypts or decrypts `bytes`, the next of the stream, in place.
    public mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        apply(to: UnsafeRawBufferPointer(bytes), into: bytes)
    }

    /// Encrypts or decrypts `input`, the next of the stream, into the beginning of `output`, which must have room for
    /// it and be apart from it or the same.
    public mutating func apply(to input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= input.count, "no room for \(input.count) bytes")
        guard let source = input.baseAddress, let target = output.baseAddress else { return }
        let table = table
        var cursor = cursor
        var offset = 0
        // Eight bytes of keystream are gathered in a register, so that the payload is read and written once.
        while offset + 8 <= input.count {
            var word: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 8) { word |= UInt64(cursor.nextByte(table)) << shift }
            let payload = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            target.storeBytes(of: payload ^ word.littleEndian, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < input.count {
            output[offset] = input[offset] ^ UInt8(cursor.nextByte(table))
            offset += 1
        }
        self.cursor = cursor
    }

    /// Encrypts or decrypts `bytes`, the next of the stream, in place.
    public mutating func apply(to bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { apply(to: $0) }
    }

    private struct Cursor {
        /// The entry to be swapped next.
        var i: UInt8
        var j: UInt8
        /// Its value, loaded ahead: the load then need not wait for the stores of the swap before, which doubles the
        /// speed.
        var atI: UInt32

        @inline(__always)
        mutating func nextByte(_ table: UnsafeMutablePointer<UInt32>) -> UInt32 {
            j &+= UInt8(truncatingIfNeeded: atI)
            let following = i &+ 1
            let atJ = table[Int(j)]
            let ahead = table[Int(following)]
            table[Int(i)] = atJ
            table[Int(j)] = atI
            let output = table[Int(UInt8(truncatingIfNeeded: atI &+ atJ))]
            // The swap may have just changed what was loaded ahead of it.
            atI = j == following ? atI : ahead
            i = following
            return output
        }
    }
}
