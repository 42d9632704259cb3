// SPDX-License-Identifier: Apache-2.0

/// A bencoded value as a tree, for small values such as the messages of an extension: `init(parsing:)` decodes one, and
/// `encoded` encodes it.
public indirect enum BencodeValue: Hashable, Sendable {
    /// `i…e`
    case integer(Int64)
    /// `n:…`
    case string([UInt8])
    /// `l…e`
    case list([BencodeValue])
    /// `d…e`; encoded with its keys sorted.
    case dictionary([[UInt8]: BencodeValue])

    /// A string in UTF-8.
    public static func text(_ text: String) -> Self { .string(Array(text.utf8)) }

    /// Copies `view` into a tree. The first of repeated keys counts. Nil if an integer needs more than 64 bits.
    ///
    /// Recursive; the decoder has bounded the depth of the view.
    package init?(_ view: BencodeView) {
        switch view.kind {
        case .integer:
            guard let integer = view.integer else { return nil }
            self = .integer(integer)
        case .string:
            guard let string = view.string else { return nil }
            self = .string(Array(string))
        case .list:
            var list: [BencodeValue] = []
            for element in view.elements {
                guard let value = BencodeValue(element) else { return nil }
                list.append(value)
            }
            self = .list(list)
        case .dictionary:
            var dictionary: [[UInt8]: BencodeValue] = [:]
            for (key, value) in view.entries {
                let key = Array(key)
                guard dictionary[key] == nil else { continue }
                guard let value = BencodeValue(value) else { return nil }
                dictionary[key] = value
            }
            self = .dictionary(dictionary)
        }
    }

    /// The canonical encoding.
    public var encoded: [UInt8] {
        var encoder = BencodeEncoder()
        encoder.value(self)
        return encoder.bytes
    }
}

extension BencodeEncoder {
    /// Writes `value` in canonical form.
    package mutating func value(_ value: BencodeValue) {
        switch value {
        case .integer(let integer): self.integer(integer)
        case .string(let bytes): string(bytes)
        case .list(let values):
            list { list in
                for value in values { list.value(value) }
            }
        case .dictionary(let entries):
            dictionary { dictionary in
                for (key, value) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                    dictionary.key(key)
                    dictionary.value(value)
                }
            }
        }
    }
}

extension BencodeValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Creates an integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Creates a string in UTF-8.
    public init(stringLiteral value: String) { self = .text(value) }
    /// Creates a list.
    public init(arrayLiteral elements: BencodeValue...) { self = .list(elements) }
    /// Creates a dictionary. The first of repeated keys counts.
    public init(dictionaryLiteral elements: (String, BencodeValue)...) {
        let pairs = elements.map { (Array($0.utf8), $1) }
        self = .dictionary(Dictionary(pairs) { first, _ in first })
    }
}
