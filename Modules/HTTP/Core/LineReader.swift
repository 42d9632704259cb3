// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Takes lines off the front of a buffer. Each byte is scanned once, however the lines arrive.
struct LineReader {
    private let byteLimit: Int
    /// Bytes of the unfinished line that have been scanned.
    private var scannedCount = 0
    private var takenCount = 0

    /// Limits all lines together to `byteLimit` bytes.
    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// Returns the next line without its ending, CR LF or LF alone; nil if the line is incomplete.
    ///
    /// - Throws: `.limit` for more than `byteLimit` bytes.
    mutating func nextLine(from input: inout ByteBuffer) throws(HTTPError) -> String? {
        let view = input.readableBytesView
        guard let end = view.dropFirst(scannedCount).firstIndex(of: UInt8(ascii: "\n")) else {
            scannedCount = view.count
            guard takenCount + scannedCount <= byteLimit else { throw tooLong }
            return nil
        }
        let length = end - view.startIndex
        takenCount += length + 1
        scannedCount = 0
        guard takenCount <= byteLimit else { throw tooLong }
        var line = view[..<end]
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        let text = String(decoding: line, as: UTF8.self)
        input.moveReaderIndex(forwardBy: length + 1)
        return text
    }

    private var tooLong: HTTPError { HTTPError(.limit, "lines of more than \(byteLimit) bytes in all") }
}
