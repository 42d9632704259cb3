// SPDX-License-Identifier: Apache-2.0

/// Text that is equal byte for byte only, as a key.
///
/// `String` takes two normal forms of a letter for one (`é`, and `e` with an accent behind it), and most file systems for
/// two names.
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

/// Components of a path that are equal byte for byte only, as a key.
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
