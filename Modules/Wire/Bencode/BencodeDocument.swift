// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Decoded bencode (BEP 3): the input as it came, and one flat array that says where each value lies in it.
///
/// Nothing is copied out of the input: a `BencodeView` is a place in the array, and every value knows its exact bytes,
/// which is what an info-hash is made of.
public struct BencodeDocument: Sendable {
    private let storage: BencodeStorage

    /// Decodes `bytes`.
    ///
    /// - Throws: `BencodeError` at the first byte that breaks `rules`.
    public init(_ bytes: [UInt8], rules: BencodeRules = .strict) throws(BencodeError) {
        var parser = BencodeParser(bytes: bytes, rules: rules)
        try parser.parse()
        storage = BencodeStorage(bytes: bytes, tokens: parser.tokens)
    }

    /// Decodes the readable bytes of `buffer`, which are copied once.
    ///
    /// - Throws: `BencodeError` at the first byte that breaks `rules`.
    public init(_ buffer: ByteBuffer, rules: BencodeRules = .strict) throws(BencodeError) {
        try self.init(Array(buffer.readableBytesView), rules: rules)
    }

    /// Decodes `bytes`, which are copied once.
    ///
    /// - Throws: `BencodeError` at the first byte that breaks `rules`.
    public init(copying bytes: UnsafeRawBufferPointer, rules: BencodeRules = .strict) throws(BencodeError) {
        try self.init(Array(bytes), rules: rules)
    }

    /// The outermost value.
    public var root: BencodeView { BencodeView(storage: storage, index: 0) }

    /// The whole input.
    public var bytes: [UInt8] { storage.bytes }

    /// What follows the value; empty unless the rules allow trailing bytes.
    public var trailingBytes: ArraySlice<UInt8> { storage.bytes[root.range.upperBound...] }
}

/// The input and its tokens, shared by a document and all its views. Immutable.
final class BencodeStorage: Sendable {
    let bytes: [UInt8]
    let tokens: [BencodeToken]

    init(bytes: [UInt8], tokens: [BencodeToken]) {
        self.bytes = bytes
        self.tokens = tokens
    }
}

/// Where one value lies in the input; its kind is told by its first byte there.
struct BencodeToken {
    /// The value's first byte.
    var start: UInt32
    /// One past the value's last byte.
    var end: UInt32
    /// A string: where its content begins. A list or dictionary: the token after all those inside it.
    var link: UInt32
}
