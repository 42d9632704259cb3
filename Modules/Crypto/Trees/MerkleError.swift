// SPDX-License-Identifier: Apache-2.0

/// An error in a request for hashes of a BEP 52 tree, or in an answer to one.
package struct MerkleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error; an open set, so switch with a default.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind of error in words.
        package let description: String

        /// The base layer is not below the root.
        package static let baseLayerOutOfTree = Self(description: "base layer at or above the root")
        /// The length is below 1 or above the limit, or is not a power of two of at least 2 although the layer
        /// continues.
        package static let badLength = Self(description: "bad length")
        /// The index is not a multiple of the length rounded up to a power of two.
        package static let misaligned = Self(description: "misaligned")
        /// The range does not begin on a node that covers data, or does not end within the layer.
        package static let beyondLayer = Self(description: "beyond the layer")
        /// More proof layers are requested than the tree has below the root.
        package static let tooManyProofLayers = Self(description: "too many proof layers")
        /// The answer does not hold exactly the requested hashes and their uncles.
        package static let wrongHashCount = Self(description: "wrong number of hashes")
        /// The hashes do not lead to the known node.
        package static let mismatch = Self(description: "mismatch")
        /// We do not have a node that the answer needs.
        package static let unknownNode = Self(description: "unknown node")
    }

    /// The kind of error.
    package let code: Code
    /// The kind of error, what was found and what is allowed, in one line for logs. Nodes are written as layer:index.
    package var description: String { "\(code): \(detail.words)" }

    private let detail: Detail

    /// Kept as numbers, because peers can cause many such errors, and few are ever printed.
    private enum Detail: Hashable {
        case count(Int, atMost: Int)
        case exactly(Int, expected: Int)
        case node(layer: Int, index: Int)
        case span(index: Int, length: Int, width: Int?)

        var words: String {
            switch self {
            case .count(let count, let maximum): "\(count), at most \(maximum)"
            case .exactly(let count, let expected): "\(count), not \(expected)"
            case .node(let layer, let index): "node \(layer):\(index)"
            case .span(let index, let length, let width):
                "\(length) nodes from \(index)" + (width.map { " of \($0)" } ?? "")
            }
        }
    }

    private init(_ code: Code, _ detail: Detail) {
        self.code = code
        self.detail = detail
    }
}

extension MerkleError {
    package static func baseLayerOutOfTree(_ layer: Int, height: Int) -> Self {
        Self(.baseLayerOutOfTree, .count(layer, atMost: height))
    }

    package static func badLength(_ length: Int, maximum: Int) -> Self {
        Self(.badLength, .count(length, atMost: maximum))
    }

    package static func misaligned(index: Int, length: Int) -> Self {
        Self(.misaligned, .span(index: index, length: length, width: nil))
    }

    package static func beyondLayer(index: Int, length: Int, width: Int) -> Self {
        Self(.beyondLayer, .span(index: index, length: length, width: width))
    }

    package static func tooManyProofLayers(_ count: Int, maximum: Int) -> Self {
        Self(.tooManyProofLayers, .count(count, atMost: maximum))
    }

    package static func wrongHashCount(_ count: Int, expected: Int) -> Self {
        Self(.wrongHashCount, .exactly(count, expected: expected))
    }

    package static func mismatch(layer: Int, index: Int) -> Self {
        Self(.mismatch, .node(layer: layer, index: index))
    }

    package static func unknownNode(layer: Int, index: Int) -> Self {
        Self(.unknownNode, .node(layer: layer, index: index))
    }
}
