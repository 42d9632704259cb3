// SPDX-License-Identifier: Apache-2.0

/// Text as a key that is equal only byte for byte.
///
/// `String` considers two normal forms of a letter equal (`é`, and `e` followed by a combining accent), but most file
/// systems distinguish them.
package struct ExactText: Hashable, Sendable {
    /// The text.
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (a: Self, b: Self) -> Bool { a.text.hasSameBytes(as: b.text) }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// Path components as a key that is equal only byte for byte.
package struct ExactPath: Hashable, Sendable {
    /// The components.
    package let components: [String]

    package init(_ components: some Sequence<String>) { self.components = Array(components) }

    package static func == (a: Self, b: Self) -> Bool { a.components.hasSameBytes(as: b.components) }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(components.count)
        for component in components { hasher.combine(ExactText(component)) }
    }
}
