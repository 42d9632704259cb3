// SPDX-License-Identifier: Apache-2.0

/// An element of a small XML document: its name without prefix, its text without surrounding whitespace, its children.
package struct XMLElement: Hashable, Sendable {
    package let name: String
    package internal(set) var text = ""
    package internal(set) var children: [XMLElement] = []

    init(name: String) { self.name = name }

    /// Returns the first child with a name.
    package func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// Returns the first descendant with a name.
    package func first(_ name: String) -> XMLElement? {
        for child in children {
            if child.name == name { return child }
            if let found = child.first(name) { return found }
        }
        return nil
    }
}

/// Why a document was rejected.
package struct XMLRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and at which byte.
    package let description: String

    init(_ what: String, at offset: Int) { description = "\(what) at byte \(offset)" }
}
