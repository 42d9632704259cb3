// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Reads a chunked body (RFC 9112, section 7.1). Extensions and trailers are skipped, up to a limit.
struct ChunkReader {
    /// What a step reads from the body.
    enum Step {
        case bytes(ByteBuffer)
        case end
        case needsMore
    }

    private enum State {
        case size(LineReader)
        case bytes(left: Int)
        case lineEnd(LineReader)
        case trailer(LineReader)
    }

    private let limits: HTTPLimits
    private var state: State
    private var bodyByteCount = 0
    private var extensionByteCount = 0

    init(limits: HTTPLimits) {
        self.limits = limits
        state = .size(LineReader(byteLimit: limits.chunkLineByteCount))
    }

    mutating func nextStep(from input: inout ByteBuffer) throws(HTTPError) -> Step {
        while true {
            switch state {
            case .size(var reader):
                let line = try reader.nextLine(from: &input)
                state = .size(reader)
                guard let line else { return .needsMore }
                let size = try parseSize(line)
                state = size == 0 ? .trailer(LineReader(byteLimit: limits.headByteCount)) : .bytes(left: size)
            case .bytes(let left):
                guard let bytes = input.readSlice(length: min(left, input.readableBytes)), bytes.readableBytes > 0
                else { return .needsMore }
                bodyByteCount &+= bytes.readableBytes
                let rest = left - bytes.readableBytes
                state = rest == 0 ? .lineEnd(LineReader(byteLimit: 16)) : .bytes(left: rest)
                return .bytes(bytes)
            case .lineEnd(var reader):
                let line = try reader.nextLine(from: &input)
                state = .lineEnd(reader)
                guard let line else { return .needsMore }
                guard line.isEmpty else { throw HTTPError(.malformed, "a chunk is longer than its size") }
                state = .size(LineReader(byteLimit: limits.chunkLineByteCount))
            case .trailer(var reader):
                let line = try reader.nextLine(from: &input)
                state = .trailer(reader)
                guard let line else { return .needsMore }
                if line.isEmpty { return .end }
            }
        }
    }

    /// Parses hexadecimal digits, optionally followed by a semicolon and extensions. Fifteen digits suffice for any
    /// file and fit an `Int`.
    private mutating func parseSize(_ line: String) throws(HTTPError) -> Int {
        let digits = ResponseHead.trimmed(line.prefix { $0 != ";" })
        guard (1...15).contains(digits.utf8.count), digits.utf8.allSatisfy(Self.isHexadecimal),
            let size = Int(digits, radix: 16)
        else {
            throw HTTPError(.malformed, "expected a chunk's size, found \(String(line.prefix(40)).debugDescription)")
        }
        extensionByteCount += line.utf8.count - digits.utf8.count
        guard extensionByteCount <= limits.chunkExtensionByteCount + bodyByteCount / 4 else {
            throw HTTPError(.limit, "\(extensionByteCount) bytes of chunk extensions, \(bodyByteCount) of body")
        }
        return size
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
    }
}
