// SPDX-License-Identifier: Apache-2.0

/// A value of a `BencodeDocument`: an index into it, cheap to copy, that keeps the document's storage alive.
///
/// Accessors return nil for a value of another kind; they never trap.
package struct BencodeView: Sendable {
    private let storage: BencodeStorage
    private let index: Int

    init(storage: BencodeStorage, index: Int) {
        self.storage = storage
        self.index = index
    }

    /// The four kinds of value (BEP 3).
    package enum Kind: Hashable, Sendable {
        /// `i…e`
        case integer
        /// `n:…`
        case string
        /// `l…e`
        case list
        /// `d…e`
        case dictionary
    }

    /// The kind of this value.
    package var kind: Kind {
        switch storage.bytes[range.lowerBound] {
        case UInt8(ascii: "i"): .integer
        case UInt8(ascii: "l"): .list
        case UInt8(ascii: "d"): .dictionary
        default: .string
        }
    }

    /// The range of the value's bytes in the document.
    package var range: Range<Int> { Int(token.start)..<Int(token.end) }

    /// The value's exact bytes in the document, prefix and end included. An info-hash is computed from them.
    package var rawBytes: ArraySlice<UInt8> { storage.bytes[range] }

    private var token: BencodeToken { storage.tokens[index] }
}

// MARK: Scalars

extension BencodeView {
    /// The integer; nil for another kind, or if it needs more than 64 bits.
    package var integer: Int64? {
        guard kind == .integer else { return nil }
        let isNegative = storage.bytes[Int(token.start) + 1] == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in storage.bytes[Int(token.link)..<Int(token.end) - 1] {
            let digit = Int64(byte) - Int64(UInt8(ascii: "0"))
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) = shifted.addingReportingOverflow(isNegative ? -digit : digit)
            guard !overflow, !carry else { return nil }
            value = next
        }
        return value
    }

    /// A string's content, not copied; nil for another kind.
    package var string: ArraySlice<UInt8>? {
        guard kind == .string else { return nil }
        return storage.bytes[Int(token.link)..<Int(token.end)]
    }

    /// A string's content as text; nil for another kind, or if it is not UTF-8.
    package var text: String? { string.flatMap { String(validating: $0, as: UTF8.self) } }
}

// MARK: Containers

extension BencodeView {
    /// The elements of a list, in order; empty for another kind.
    package var elements: Elements {
        let isList = kind == .list
        return Elements(storage: storage, position: index + 1, end: isList ? Int(token.link) : index + 1)
    }

    /// The entries of a dictionary in the document's order, repeated keys included; empty for another kind.
    package var entries: Entries {
        let isDictionary = kind == .dictionary
        let values = Elements(storage: storage, position: index + 1, end: isDictionary ? Int(token.link) : index + 1)
        return Entries(values: values)
    }

    /// The value of the first entry with this key; nil if there is none, or if this is not a dictionary. Linear in the
    /// number of entries.
    package subscript(key: StaticString) -> BencodeView? {
        key.withUTF8Buffer { storage.value(for: UnsafeRawBufferPointer($0), inDictionary: index) }
            .map { BencodeView(storage: storage, index: $0) }
    }

    /// The value of the first entry with this key; nil if there is none, or if this is not a dictionary. Linear in the
    /// number of entries.
    package func value(for key: some Collection<UInt8>) -> BencodeView? {
        Array(key).withUnsafeBytes { storage.value(for: $0, inDictionary: index) }
            .map { BencodeView(storage: storage, index: $0) }
    }

    /// The elements of a list.
    package struct Elements: Sequence, IteratorProtocol, Sendable {
        fileprivate let storage: BencodeStorage
        fileprivate var position: Int
        fileprivate let end: Int

        /// Returns the next element.
        package mutating func next() -> BencodeView? {
            guard position < end else { return nil }
            let view = BencodeView(storage: storage, index: position)
            position = view.indexAfter
            return view
        }
    }

    /// The entries of a dictionary.
    package struct Entries: Sequence, IteratorProtocol, Sendable {
        fileprivate var values: Elements

        /// Returns the next entry.
        package mutating func next() -> (key: ArraySlice<UInt8>, value: BencodeView)? {
            guard let key = values.next()?.string, let value = values.next() else { return nil }
            return (key, value)
        }
    }

    private var indexAfter: Int { storage.indexAfter(index) }
}

extension BencodeStorage {
    /// Returns the index of the first token after the value at `index`.
    func indexAfter(_ index: Int) -> Int {
        switch bytes[Int(tokens[index].start)] {
        case UInt8(ascii: "l"), UInt8(ascii: "d"): Int(tokens[index].link)
        default: index + 1
        }
    }

    /// Returns the index of the value for `key`. Searches in place, because a view per entry would retain and release
    /// the storage.
    func value(for key: UnsafeRawBufferPointer, inDictionary dictionary: Int) -> Int? {
        guard bytes[Int(tokens[dictionary].start)] == UInt8(ascii: "d") else { return nil }
        let end = Int(tokens[dictionary].link)
        return bytes.withUnsafeBytes { bytes in
            var index = dictionary + 1
            while index + 1 < end {
                let token = tokens[index]
                let content = bytes[Int(token.link)..<Int(token.end)]
                if content.count == key.count, content.elementsEqual(key) { return index + 1 }
                index = indexAfter(index + 1)
            }
            return nil
        }
    }
}
