// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Decoded bencode (BEP 3): the input, and one flat array of the places of its values.
///
/// No value is copied: a `BencodeView` is an index into the array. Each value knows its exact bytes in the input, which
/// is what an info-hash is computed from.
package struct BencodeDocument: Sendable {
    private let storage: BencodeStorage

    /// Decodes `bytes`.
    ///
    /// - Throws: `BencodeError` if they are not bencode, or break `rules`.
    package init(_ bytes: [UInt8], rules: BencodeRules = .strict) throws(BencodeError) {
        var parser = BencodeParser(bytes: bytes, rules: rules)
        try parser.parse()
        storage = BencodeStorage(bytes: bytes, tokens: parser.tokens)
    }

    /// Decodes the readable bytes of `buffer`, which are copied once.
    ///
    /// - Throws: `BencodeError` at the first byte that breaks `rules`.
    package init(_ buffer: ByteBuffer, rules: BencodeRules = .strict) throws(BencodeError) {
        try self.init(Array(buffer.readableBytesView), rules: rules)
    }

    /// Decodes `bytes`, which are copied once.
    ///
    /// - Throws: `BencodeError` at the first byte that breaks `rules`.
    package init(copying bytes: UnsafeRawBufferPointer, rules: BencodeRules = .strict) throws(BencodeError) {
        try self.init(Array(bytes), rules: rules)
    }

    /// The outermost value.
    package var root: BencodeView { BencodeView(storage: storage, index: 0) }

    /// The whole input, trailing bytes included.
    package var bytes: [UInt8] { storage.bytes }

    /// The bytes after the root value; empty unless the rules allow trailing bytes.
    package var trailingBytes: ArraySlice<UInt8> { storage.bytes[root.range.upperBound...] }
}

/// The input and its tokens, shared by a document and its views. Immutable.
final class BencodeStorage: Sendable {
    let bytes: [UInt8]
    let tokens: [BencodeToken]

    init(bytes: [UInt8], tokens: [BencodeToken]) {
        self.bytes = bytes
        self.tokens = tokens
    }
}

/// The place of one value in the input. The value's first byte tells its kind.
struct BencodeToken {
    /// The offset of the value's first byte.
    var start: UInt32
    /// The offset after the value's last byte.
    var end: UInt32
    /// For a string: the offset of its content. For an integer: of its digits. For a list or dictionary: the index of
    /// the first token after its contents.
    var link: UInt32
}
