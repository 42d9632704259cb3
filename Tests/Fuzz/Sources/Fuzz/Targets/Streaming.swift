// SPDX-License-Identifier: Apache-2.0

internal import RucheStreaming

extension FuzzTarget {
    /// The Range header of a request: what is served lies within the file.
    static let byteRange = FuzzTarget(
        name: "byte-range",
        seeds: { ["bytes=0-499", "bytes=-5", "bytes=9-", "Bytes= , 1-2", "bytes=2-1"].map { [7] + Array($0.utf8) } }
    ) { bytes in
        var tape = Tape(bytes)
        let byteCount = Int(tape.nextByte())
        let line = String(decoding: tape.nextRest(), as: UTF8.self)
        switch ByteRangeRequest([line], byteCount: byteCount) {
        case .whole, .unsatisfiable: break
        case .part(let range):
            require(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= byteCount, "a part is in the file")
        }
    }

    /// The containers of films: whatever a file says, what is read next lies within it, and reading ends.
    static let filmProbe = FuzzTarget(name: "film-probe", seeds: { filmSeeds }) { bytes in
        var probe = FilmProbe(byteCount: bytes.count)
        var steps = 0
        while let range = probe.nextRange {
            require(!range.isEmpty && range.upperBound <= bytes.count, "what is read lies in the file")
            probe.handleBytes(Array(bytes[range]))
            steps += 1
            require(steps < 100, "the steps are limited")
        }
        if let rate = probe.bytesPerSecond { require(rate > 0, "a film plays") }
    }

    private static let filmSeeds: [[UInt8]] = {
        let header = [0, 0, 0, 108] + Array("mvhd".utf8) + [0, 0, 0, 0] + Array(repeating: 0, count: 8)
        let movie = header + [0, 0, 3, 232, 0, 0, 19, 136] + Array(repeating: 0, count: 80)
        let film = [0, 0, 0, 12] + Array("ftypisom".utf8) + [0, 0, 0, 16] + Array("mdat".utf8) + Array(1...8)
        let matroska: [UInt8] = [
            0x1a, 0x45, 0xdf, 0xa3, 0x81, 0, 0x18, 0x53, 0x80, 0x67, 0xff, 0x15, 0x49, 0xa9, 0x66, 0x87, 0x44, 0x89,
            0x84,
            0x45, 0xea, 0x60, 0,
        ]
        return [film + [0, 0, 0, 116] + Array("moov".utf8) + movie, matroska]
    }()
}
