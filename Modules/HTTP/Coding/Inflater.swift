// SPDX-License-Identifier: Apache-2.0

internal import CZlib
internal import NIOCore

/// Decompresses gzip (RFC 1952), zlib (RFC 1950) and raw deflate (RFC 1951), up to a number of bytes.
///
/// A small body may decompress to any size, so the limit applies to the output. Owner: `HTTPAnswer.collect`.
final class Inflater {
    private static let outputByteCount = 64 * 1024

    private let coding: ContentCoding
    private let byteLimit: Int
    /// zlib keeps a pointer to this address.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isRunning = false
    private var isMemberOver = false
    private(set) var output = ByteBuffer()

    init(_ coding: ContentCoding, byteLimit: Int) {
        self.coding = coding
        self.byteLimit = byteLimit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isRunning { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Decompresses the next bytes of the body into `output`.
    ///
    /// - Throws: `.limit` if the output is too long, `.malformed` if the bytes are not valid compressed data.
    func handleBytes(_ bytes: ByteBuffer) throws(HTTPError) {
        guard let first = bytes.readableBytesView.first else { return }
        try begin(first)
        var bytes = bytes
        while bytes.readableBytes > 0 {
            if isMemberOver {
                // Another member may follow (RFC 1952, section 2.2). Other trailing bytes are ignored, as browsers do.
                guard coding == .gzip, bytes.readableBytesView.first == 0x1f, inflateReset(stream) == Z_OK else {
                    return
                }
                isMemberOver = false
            }
            let consumed = try inflate(bytes)
            bytes.moveReaderIndex(forwardBy: consumed)
        }
    }

    /// Ends the body.
    ///
    /// - Throws: `.malformed` if the compressed data is incomplete.
    func handleEnd() throws(HTTPError) {
        guard isMemberOver || !isRunning else { throw HTTPError(.malformed, "a truncated compressed body") }
    }

    private func begin(_ first: UInt8) throws(HTTPError) {
        guard !isRunning else { return }
        // zlib's window bits: 15 is the largest window, plus 16 for gzip, negative for raw deflate. A zlib header
        // starts with its method, 8.
        let window: Int32 = coding == .gzip ? 15 + 16 : first & 0x0f == 8 ? 15 : -15
        guard inflateInit2_(stream, window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw HTTPError(.malformed, "zlib cannot be initialised")
        }
        isRunning = true
    }

    /// Decompresses `bytes` and returns how many of them were consumed.
    private func inflate(_ bytes: ByteBuffer) throws(HTTPError) -> Int {
        var result = Z_OK
        var consumed = 0
        repeat {
            let room = min(Self.outputByteCount, byteLimit - output.readableBytes + 1)
            var fed = 0
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                bytes.readableBytesView.dropFirst(consumed).withContiguousStorageIfAvailable { source in
                    stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                    stream.pointee.avail_in = UInt32(clamping: source.count)
                    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(clamping: min(room, target.count))
                    result = CZlib.inflate(stream, Z_NO_FLUSH)
                    fed = source.count - Int(stream.pointee.avail_in)
                }
                return min(room, target.count) - Int(stream.pointee.avail_out)
            }
            consumed += fed
            guard output.readableBytes <= byteLimit else {
                throw HTTPError(.limit, "a body that decompresses to more than \(byteLimit) bytes")
            }
            guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
                throw HTTPError(.malformed, "invalid compressed data")
            }
            isMemberOver = result == Z_STREAM_END
        } while !isMemberOver && (consumed < bytes.readableBytes || stream.pointee.avail_out == 0)
        return consumed
    }
}
