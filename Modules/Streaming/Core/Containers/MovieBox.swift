// SPDX-License-Identifier: Apache-2.0

/// The header of a box of an MP4 or QuickTime file (ISO/IEC 14496-12, section 4.2).
struct MovieBox {
    /// The type, four characters.
    let name: String
    /// The length of the header in bytes.
    let headerByteCount: Int
    /// The length of the whole box in bytes, at least that of its header.
    let byteCount: Int

    /// Reads a header at the beginning of `bytes`; nil if there is none. The box may be longer than `bytes`, but not
    /// than `roomToEnd`; a length of 0 means up to there.
    init?(_ bytes: ArraySlice<UInt8>, roomToEnd: Int) {
        var reader = ByteReader(bytes)
        guard let short = reader.nextInteger(byteCount: 4), let name = reader.nextBytes(4) else { return nil }
        guard name.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 0xa9 }) else { return nil }
        var length = short
        if short == 1 {
            guard let long = reader.nextInteger(byteCount: 8) else { return nil }
            length = long
        } else if short == 0 {
            length = UInt64(max(0, roomToEnd))
        }
        headerByteCount = short == 1 ? 16 : 8
        guard let byteCount = Int(exactly: length), byteCount >= headerByteCount, byteCount <= roomToEnd else {
            return nil
        }
        self.byteCount = byteCount
        self.name = String(decoding: name, as: UTF8.self)
    }

    /// Whether a file may begin with this box.
    var isBeginning: Bool { ["ftyp", "moov", "mdat", "free", "skip", "wide", "styp", "pnot"].contains(name) }
}

/// The `moov` box.
enum MovieIndex {
    /// Boxes that are looked at within the index.
    private static let steps = 256

    /// Returns the duration that its `mvhd` box states (section 8.2.2); nil if there is none, or it is unknown.
    static func seconds(in index: [UInt8]) -> Double? {
        guard let whole = MovieBox(index[...], roomToEnd: .max) else { return nil }
        var rest = index.dropFirst(whole.headerByteCount)
        for _ in 0..<steps {
            guard let box = MovieBox(rest, roomToEnd: rest.count) else { return nil }
            if box.name == "mvhd" { return header(rest.prefix(box.byteCount).dropFirst(box.headerByteCount)) }
            rest = rest.dropFirst(box.byteCount)
        }
        return nil
    }

    private static func header(_ bytes: ArraySlice<UInt8>) -> Double? {
        var reader = ByteReader(bytes)
        guard let version = reader.nextInteger(byteCount: 4).map({ $0 >> 24 }), version <= 1 else { return nil }
        let width = version == 1 ? 8 : 4
        // Creation and modification times come first.
        guard reader.nextBytes(2 * width) != nil, let timescale = reader.nextInteger(byteCount: 4), timescale > 0,
            let duration = reader.nextInteger(byteCount: width), duration > 0,
            duration < (version == 1 ? UInt64.max : UInt64(UInt32.max))
        else { return nil }
        return Double(duration) / Double(timescale)
    }
}
