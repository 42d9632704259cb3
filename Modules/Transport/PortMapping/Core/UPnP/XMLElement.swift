// SPDX-License-Identifier: Apache-2.0

/// An element of a small XML document: its name without prefix, its text without the space around it, its elements.
package struct XMLElement: Hashable, Sendable {
    package let name: String
    package internal(set) var text = ""
    package internal(set) var children: [XMLElement] = []

    init(name: String) { self.name = name }

    /// The first child of a name.
    package func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The first element of a name in here, at any depth.
    package func first(_ name: String) -> XMLElement? {
        for child in children {
            if child.name == name { return child }
            if let found = child.first(name) { return found }
        }
        return nil
    }
}

/// Why a document is not read.
package struct XMLRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and at which byte.
    package let description: String

    init(_ what: String, at offset: Int) { description = "\(what) at byte \(offset)" }
}
