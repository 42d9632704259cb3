// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

extension FuzzTarget {
    /// A tree of some size, a request with arbitrary numbers, and an answer of arbitrary hashes.
    static let merkle = FuzzTarget(name: "merkle", seeds: { merkleSeeds }) { bytes in
        var tape = Tape(bytes)
        let leafCount = Int(tape.nextByte() % 40) + 1
        let request = HashRequest(
            root: SHA256Digest(),
            baseLayer: tape.nextUInt32(),
            index: tape.nextUInt32(),
            length: tape.nextUInt32(),
            proofLayers: tape.nextUInt32()
        )
        _ = request.isWellFormed && request.isAnswered(by: ByteBuffer(bytes: bytes))
        let range = MerkleRange(
            baseLayer: Int(request.baseLayer),
            index: Int(request.index),
            length: Int(request.length),
            proofLayers: Int(request.proofLayers)
        )
        let leaves = (0..<leafCount).map { SHA256.hash([UInt8($0)]) }
        guard let shape = MerkleShape(leafCount: leafCount), let tree = MerkleTree(base: leaves) else {
            return require(false, "\(leafCount) leaves make a tree")
        }
        var forged: [SHA256Digest] = []
        while !tape.isAtEnd, forged.count < 64 { forged.append(SHA256.hash([tape.nextByte()])) }
        if (try? range.verify(forged, in: shape, leadTo: tree.root)) != nil {
            require(forged == (try? tree.makeHashes(for: range, in: shape)), "only the tree's own hashes prove")
        }
        if let answer = try? tree.makeHashes(for: range, in: shape) {
            let node = range.provenNode
            let known = tree.node(at: node.layer, index: node.index)
            let computed = try? range.computeProvenNode(from: answer, in: shape)
            require(known != nil && computed == known, "an answer proves what it should")
        }
    }

    private static let merkleSeeds: [[UInt8]] = [
        [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 2, 3],
        [16, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1],
        [32, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 5],
    ]
}
