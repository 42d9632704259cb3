// SPDX-License-Identifier: Apache-2.0

/// Reads a list of addresses to block, in parts of any size. The formats may be mixed:
///
/// - eMule's `ipfilter.dat`: `001.002.003.000 - 001.002.003.255 , 000 , name`, where levels from 128 on allow the range;
/// - PeerGuardian's text (P2P): `name:1.2.3.0-1.2.3.255`;
/// - plain lines: an address, a range `2001:db8::1 - 2001:db8::ff`, or a prefix `1.2.3.0/24`.
///
/// Empty lines and those that start with `#`, `;` or `//` are comments. Other lines are counted and skipped.
///
/// Memory: `WireLimits.blockListRangeCount` ranges, and one line.
public struct BlockListParser: Sendable {
    /// The number of lines that were skipped because they have none of the formats.
    public private(set) var malformedLineCount = 0
    /// The first of them, counted from 1.
    public private(set) var firstMalformedLine: Int?
    /// The ranges to block, in the order of the list.
    public private(set) var ranges: [AddressRange] = []

    private let limits: WireLimits
    private var lineNumber = 1
    /// The beginning of a line whose end has not been read.
    private var line: [UInt8] = []
    private var isTooLong = false

    /// Creates a parser that has read nothing.
    public init(limits: WireLimits = .standard) { self.limits = limits }

    /// Reads the next bytes. O(n).
    ///
    /// - Throws: `BlockListError` if the list has too many ranges. It should not be applied in part.
    public mutating func handle(_ bytes: [UInt8]) throws(BlockListError) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<end])
            try endLine()
            rest = rest[(end + 1)...]
        }
        append(rest)
    }

    /// Ends the last line, which needs no line break.
    ///
    /// - Throws: `BlockListError` if the list has too many ranges.
    public mutating func handleEndOfFile() throws(BlockListError) {
        if !line.isEmpty || isTooLong { try endLine() }
    }

    private mutating func append(_ part: ArraySlice<UInt8>) {
        isTooLong = isTooLong || line.count + part.count > limits.blockListLineByteCount
        if isTooLong { line.removeAll() } else { line += part }
    }

    private mutating func endLine() throws(BlockListError) {
        // A byte order mark, which Windows programs put before UTF-8.
        let text = line.starts(with: [0xef, 0xbb, 0xbf]) ? line.dropFirst(3) : line[...]
        switch isTooLong ? .malformed : BlockListLine(text) {
        case .range(let range):
            guard ranges.count < limits.blockListRangeCount else {
                throw BlockListError(.limit, line: lineNumber, "more than \(limits.blockListRangeCount) ranges")
            }
            ranges.append(range)
        case .nothing: break
        case .malformed:
            malformedLineCount += 1
            firstMalformedLine = firstMalformedLine ?? lineNumber
        }
        lineNumber += 1
        line.removeAll(keepingCapacity: true)
        isTooLong = false
    }
}
