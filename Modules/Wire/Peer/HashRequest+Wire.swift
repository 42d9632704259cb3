// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import RucheCrypto

extension HashRequest {
    /// Bytes on the wire: root and four numbers (BEP 52).
    public static let byteCount = SHA256Digest.byteCount + 16

    /// Most hashes that one request should ask for (BEP 52).
    public static let maximumLength: UInt32 = 512

    /// Whether the numbers keep to BEP 52: `length` a power of two from 2 to 512, `index` a multiple of it, and no
    /// layer above the 64 that any tree could have. A request that doesn't is to be answered with `hashReject`.
    public var isWellFormed: Bool {
        length >= 2 && length <= Self.maximumLength && length.nonzeroBitCount == 1 && index.isMultiple(of: length)
            && baseLayer < 64 && proofLayers < 64
    }

    /// Uncle hashes that follow the asked-for hashes in the answer, if the tree is that high: the layers that the
    /// hashes themselves yield are left out (BEP 52). Zero where the request isn't well-formed.
    public var proofHashCount: Int {
        isWellFormed ? max(0, Int(proofLayers) - (length.trailingZeroBitCount - 1)) : 0
    }

    /// Whether `hashes`, the rest of a `hashes` message, may be an answer to this: whole digests, all those asked
    /// for, and no more uncles than asked for.
    public func isAnswered(by hashes: ByteBuffer) -> Bool {
        let (count, spare) = hashes.readableBytes.quotientAndRemainder(dividingBy: SHA256Digest.byteCount)
        return isWellFormed && spare == 0 && count >= Int(length) && count <= Int(length) + proofHashCount
    }

    /// Writes root and numbers.
    func write(into out: inout ByteBuffer) {
        root.withUnsafeBytes { _ = out.writeBytes($0) }
        out.writeMultipleIntegers(baseLayer, index, length, proofLayers)
    }

    /// Reads root and numbers from a buffer that is known to hold them.
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
