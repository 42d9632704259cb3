// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension FuzzTarget {
    static let bencode = FuzzTarget(name: "bencode", seeds: { seedValues.map(\.encoded) + oddities }) { bytes in
        if let document = try? BencodeDocument(bytes, rules: .strict), let value = BencodeValue(document.root) {
            require(value.encoded == bytes, "the canonical form is the only one")
        }
        for rules in [BencodeRules.lenient, .message, .messageWithPayload] {
            guard let document = try? BencodeDocument(bytes, rules: rules) else { continue }
            let root = document.root
            require(bytes.indices.contains(root.range.upperBound - 1), "a value lies within its input")
            guard let value = BencodeValue(root) else { continue }
            let again = try? BencodeDocument(value.encoded, rules: .strict)
            require(again.flatMap { BencodeValue($0.root) } == value, "what was read can be written and read")
        }
    }

    private static let seedValues: [BencodeValue] = [
        0, -1, .integer(.max), .integer(.min), "", "spam", [], [1, "two", [3]],
        ["cow": "moo", "list": [1, 2], "nested": ["": ["a": -7]]],
    ]

    private static let oddities = [
        "i-0e", "i03e", "i18446744073709551615e", "03:abc", "d1:b0:1:a0:e", "d1:a0:1:a1:xe", "llllllllee",
        "9999999999:",
    ].map { Array($0.utf8) }
}
