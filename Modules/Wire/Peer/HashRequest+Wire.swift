// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto

extension HashRequest {
    /// The size in bytes on the wire: the root and four numbers (BEP 52).
    package static let byteCount = SHA256Digest.byteCount + 16

    /// The maximum number of hashes per request (BEP 52).
    package static let maximumLength: UInt32 = 512

    /// Whether the numbers conform to BEP 52: `length` is a power of two from 2 to 512, `index` is a multiple of it,
    /// and the layers are below 64, which no tree exceeds. Reply to any other request with `hashReject`.
    package var isWellFormed: Bool {
        length >= 2 && length <= Self.maximumLength && length.nonzeroBitCount == 1 && index.isMultiple(of: length)
            && baseLayer < 64 && proofLayers < 64
    }

    /// The maximum number of uncle hashes after the requested hashes in an answer; a low tree has fewer. Layers that
    /// follow from the requested hashes have none (BEP 52). Zero if the request is not well-formed.
    package var proofHashCount: Int {
        isWellFormed ? max(0, Int(proofLayers) - (length.trailingZeroBitCount - 1)) : 0
    }

    /// Returns whether `hashes`, the body of a `hashes` message, has a valid length for an answer to this request:
    /// whole digests, all the requested ones, and no more uncles than requested.
    package func isAnswered(by hashes: ByteBuffer) -> Bool {
        let (count, spare) = hashes.readableBytes.quotientAndRemainder(dividingBy: SHA256Digest.byteCount)
        return isWellFormed && spare == 0 && count >= Int(length) && count <= Int(length) + proofHashCount
    }

    /// Writes the root and the numbers.
    func write(into out: inout ByteBuffer) {
        root.withUnsafeBytes { _ = out.writeBytes($0) }
        out.writeMultipleIntegers(baseLayer, index, length, proofLayers)
    }

    /// Reads the root and the numbers. The buffer must contain all of them.
    init(taking buffer: inout ByteBuffer) {
        var root = SHA256Digest()
        if let bytes = buffer.readSlice(length: SHA256Digest.byteCount) {
            root.withUnsafeMutableBytes { $0.copyBytes(from: bytes.readableBytesView) }
        }
        let (baseLayer, index, length, proofLayers) =
            buffer.readMultipleIntegers(as: (UInt32, UInt32, UInt32, UInt32).self) ?? (0, 0, 0, 0)
        self.init(root: root, baseLayer: baseLayer, index: index, length: length, proofLayers: proofLayers)
    }
}
