// SPDX-License-Identifier: Apache-2.0

/// The RC4 stream cipher as MSE uses it. It hides a protocol from filters; it does not protect content.
///
/// Implemented here because OpenSSL 3 only has it in its legacy provider. Not copyable, so that no keystream is used
/// twice by accident. Wiped on deinitialisation.
package struct RC4: ~Copyable, @unchecked Sendable {  // the table has a single owner
    /// The permutation. Words, not bytes: loads need no widening, and store forwarding is faster.
    private let table: UnsafeMutablePointer<UInt32>
    private var cursor: Cursor

    /// Creates the keystream of `key`, which must have 1 to 256 bytes, and skips the first `discarding` bytes.
    package init(key: some Sequence<UInt8>, discarding: Int = 0) {
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

    /// Encrypts or decrypts the next bytes of the stream in place.
    package mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        apply(to: UnsafeRawBufferPointer(bytes), into: bytes)
    }

    /// Encrypts or decrypts `input`, the next bytes of the stream, to the beginning of `output`. `output` must have
    /// room for it, and must either not overlap it or be the same memory.
    package mutating func apply(to input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= input.count, "no room for \(input.count) bytes")
        guard let source = input.baseAddress, let target = output.baseAddress else { return }
        let table = table
        var cursor = cursor
        var offset = 0
        // Gather eight bytes of keystream in a register, so that the payload is read and written only once.
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

    /// Encrypts or decrypts the next bytes of the stream in place.
    package mutating func apply(to bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { apply(to: $0) }
    }

    private struct Cursor {
        /// The index of the entry to swap next.
        var i: UInt8
        var j: UInt8
        /// The entry at `i`, loaded ahead. The load does not wait for the stores of the previous swap, which doubles
        /// the speed.
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
            // The swap may have changed the entry that was loaded ahead.
            atI = j == following ? atI : ahead
            i = following
            return output
        }
    }
}
