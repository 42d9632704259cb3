// SPDX-License-Identifier: Apache-2.0

/// Reads typed fields of a dictionary. Returns nil for a missing field, and throws if one has the wrong type or value.
struct MetainfoFields {
    /// The dictionary.
    let view: BencodeView
    /// The keys that lead to the dictionary, for errors.
    let name: String

    init(_ view: BencodeView, name: String) throws(MetainfoError) {
        guard view.kind == .dictionary else {
            throw view.mismatch(.wrongType, name, expected: "a dictionary")
        }
        self.view = view
        self.name = name
    }

    func integer(_ key: StaticString) throws(MetainfoError) -> Int? {
        guard let value = view[key] else { return nil }
        guard value.kind == .integer else { throw error(.wrongType, key, value, expected: "an integer") }
        guard let integer = value.integer.flatMap({ Int(exactly: $0) }) else {
            throw error(.badValue, key, value, expected: "an integer of 64 bits")
        }
        return integer
    }

    /// Returns a nonnegative number of bytes.
    func byteCount(_ key: StaticString) throws(MetainfoError) -> Int? {
        guard let count = try integer(key) else { return nil }
        guard count >= 0 else { throw error(.badValue, key, view[key] ?? view, expected: "a length of 0 or more") }
        return count
    }

    func string(_ key: StaticString) throws(MetainfoError) -> ArraySlice<UInt8>? {
        guard let value = view[key] else { return nil }
        guard let string = value.string else { throw error(.wrongType, key, value, expected: "a string") }
        return string
    }

    /// Returns a list of strings, such as a path.
    func strings(_ key: StaticString, limit: Int) throws(MetainfoError) -> [ArraySlice<UInt8>]? {
        guard let value = view[key] else { return nil }
        guard value.kind == .list else { throw error(.wrongType, key, value, expected: "a list of strings") }
        var strings: [ArraySlice<UInt8>] = []
        strings.reserveCapacity(4)  // more than most paths have
        for element in value.elements {
            guard let string = element.string else { throw error(.wrongType, key, element, expected: "a string") }
            guard strings.count < limit else { throw error(.limit, key, element, expected: "at most \(limit) strings") }
            strings.append(string)
        }
        return strings
    }

    func missing(_ key: StaticString) -> MetainfoError {
        let offset = view.range.lowerBound
        return MetainfoError(.missing, field: "\(name).\(key)", at: offset, expected: "this key", found: "none")
    }

    func error(
        _ code: MetainfoError.Code,
        _ key: StaticString,
        _ value: BencodeView,
        expected: String
    ) -> MetainfoError {
        value.mismatch(code, "\(name).\(key)", expected: expected)
    }
}

extension ArraySlice<UInt8> {
    /// Whether this is a name in UTF-8.
    var isText: Bool { !isEmpty && String(validating: self, as: UTF8.self) != nil }
}

extension BencodeView {
    /// Returns an error about this value.
    func mismatch(_ code: MetainfoError.Code, _ field: String, expected: String) -> MetainfoError {
        MetainfoError(code, field: field, at: range.lowerBound, expected: expected, found: summary)
    }

    /// A short description for an error's "found".
    private var summary: String {
        switch kind {
        case .integer: String(decoding: rawBytes.dropFirst().dropLast().prefix(32), as: UTF8.self)
        case .string: "a string of \(string?.count ?? 0) bytes"
        case .list: "a list"
        case .dictionary: "a dictionary"
        }
    }
}
