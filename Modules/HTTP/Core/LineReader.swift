// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Takes lines off the front of a buffer, looking at each byte once however they come.
struct LineReader {
    private let byteLimit: Int
    /// Bytes of the unfinished line that were looked at.
    private var scannedCount = 0
    private var takenCount = 0

    /// `byteLimit` holds for all lines together.
    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// The next line without its end, CR LF or LF alone; nil where it has not ended yet.
    ///
    /// - Throws: `.limit` for more than `byteLimit` bytes.
    mutating func nextLine(from input: inout ByteBuffer) throws(HTTPFailure) -> String? {
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

    private var tooLong: HTTPFailure { HTTPFailure(.limit, "more than \(byteLimit) bytes of lines") }
}
