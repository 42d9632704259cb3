// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension FuzzTarget {
    /// Lists of blocked addresses. How a list is cut into parts must not matter.
    static let blockList = FuzzTarget(name: "block-list", seeds: { lists.map { Array($0.utf8) } }) { bytes in
        var limits = WireLimits()
        limits.blockListRangeCount = 8
        limits.blockListLineByteCount = 64
        let whole = parse(bytes, inPartsOf: max(1, bytes.count), limits)
        let parts = parse(bytes, inPartsOf: 3, limits)
        require(whole?.malformedLineCount == parts?.malformedLineCount, "malformed lines are the same")
        require(whole?.firstMalformedLine == parts?.firstMalformedLine, "the first malformed line is the same")
        guard let ranges = whole?.ranges else { return }
        require(ranges == parts?.ranges, "ranges are the same")
        require(BlockedAddresses(ranges).rangeCount <= limits.blockListRangeCount, "limits hold")
    }

    private static func parse(_ bytes: [UInt8], inPartsOf length: Int, _ limits: WireLimits) -> BlockListParser? {
        var parser = BlockListParser(limits: limits)
        do throws(BlockListError) {
            for start in stride(from: 0, to: bytes.count, by: length) {
                try parser.handle(Array(bytes[start..<min(start + length, bytes.count)]))
            }
            try parser.handleEndOfFile()
        } catch {
            return nil
        }
        return parser
    }

    private static let lists = [
        "001.009.096.105 - 001.009.096.110 , 000 , name\n1.9.97.0 - 1.9.97.255 , 200 , allowed",
        "# comment\nname: with signs:5.6.7.0-5.6.7.255\r\n10.0.0.0/9\n192.0.2.7",
        "2001:db8::/32\n2001:dead::1 - 2001:dead::f ; note\n::ffff:1.2.3.4",
    ]
}
