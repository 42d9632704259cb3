// SPDX-License-Identifier: Apache-2.0

/// Writes canonical bencode (BEP 3) directly into bytes, without building a tree.
///
///     var encoder = BencodeEncoder()
///     encoder.dictionary { dictionary in
///         dictionary.entry("length", 5)
///         dictionary.entry("name", "hello")
///     }
///
/// Keys must be given in ascending byte order; any other order traps. If the keys come from outside, sort them first,
/// or use `BencodeValue`, which sorts them.
package struct BencodeEncoder: Sendable {
    /// The bytes written so far.
    package private(set) var bytes: [UInt8] = []
    private var previousKey: Range<Int>?

    /// Creates an encoder and reserves `capacity` bytes.
    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }
}

// MARK: Values

extension BencodeEncoder {
    /// Writes an integer.
    package mutating func integer(_ value: some FixedWidthInteger) {
        bytes.append(UInt8(ascii: "i"))
        bytes.append(contentsOf: String(value).utf8)
        bytes.append(UInt8(ascii: "e"))
    }

    /// Writes a byte string.
    package mutating func string(_ content: some Collection<UInt8>) {
        bytes.append(contentsOf: String(content.count).utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: content)
    }

    /// Writes a string in UTF-8.
    package mutating func string(_ text: String) { string(text.utf8) }

    /// Writes a list of the values that `body` writes.
    package mutating func list<E>(_ body: (inout BencodeEncoder) throws(E) -> Void) throws(E) {
        bytes.append(UInt8(ascii: "l"))
        try body(&self)
        bytes.append(UInt8(ascii: "e"))
    }

    /// Writes a dictionary of the keys and values that `body` writes.
    package mutating func dictionary<E>(_ body: (inout BencodeEncoder) throws(E) -> Void) throws(E) {
        let outerKey = previousKey
        previousKey = nil
        bytes.append(UInt8(ascii: "d"))
        try body(&self)
        bytes.append(UInt8(ascii: "e"))
        previousKey = outerKey
    }

    /// Writes one value that is already bencoded. It is not checked.
    package mutating func encoded(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }
}

// MARK: Keys

extension BencodeEncoder {
    /// Writes a dictionary key. Write its value next.
    package mutating func key(_ key: some Collection<UInt8>) {
        string(key)
        let written = bytes.count - key.count..<bytes.count
        if let previousKey {
            let isAscending = bytes[previousKey].lexicographicallyPrecedes(bytes[written])
            precondition(isAscending, "bencode keys must ascend: \(String(decoding: key, as: UTF8.self))")
        }
        previousKey = written
    }

    /// Writes a dictionary key in UTF-8. Write its value next.
    package mutating func key(_ key: String) { self.key(key.utf8) }

    /// Writes a key and an integer. Writes nothing if the value is nil.
    package mutating func entry<I: FixedWidthInteger>(_ key: String, _ value: I?) {
        guard let value else { return }
        self.key(key)
        integer(value)
    }

    /// Writes a key and a byte string. Writes nothing if the value is nil.
    package mutating func entry<C: Collection<UInt8>>(_ key: String, _ value: C?) {
        guard let value else { return }
        self.key(key)
        string(value)
    }

    /// Writes a key and a string in UTF-8. Writes nothing if the value is nil.
    package mutating func entry(_ key: String, _ value: String?) {
        guard let value else { return }
        self.key(key)
        string(value.utf8)
    }
}
