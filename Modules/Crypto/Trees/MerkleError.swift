// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a request for hashes of a BEP 52 tree, or with an answer to it.
public struct MerkleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The base layer does not lie below the root.
        public static let baseLayerOutOfTree = Self(description: "base layer at or above the root")
        /// Fewer than two hashes are asked for, too many, or a number that is no power of two within the layer.
        public static let badLength = Self(description: "bad length")
        /// The index is no multiple of the length.
        public static let misaligned = Self(description: "misaligned")
        /// The range begins beyond the data or ends outside of the layer.
        public static let beyondLayer = Self(description: "beyond the layer")
        /// Proofs would end above the root.
        public static let tooManyProofLayers = Self(description: "too many proof layers")
        /// An answer has more hashes than were asked for, or fewer.
        public static let wrongHashCount = Self(description: "wrong number of hashes")
        /// The hashes do not lead to the node that is known to stand there.
        public static let mismatch = Self(description: "mismatch")
        /// We lack a node that the answer needs.
        public static let unknownNode = Self(description: "unknown node")
    }

    /// The kind.
    public let code: Code
    /// What came and what is allowed; one line for a log. Nodes are named as layer:index.
    public var description: String { "\(code): \(detail.words)" }

    private let detail: Detail

    /// Kept as numbers: such an error is made for what a peer sends, and seldom read.
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
