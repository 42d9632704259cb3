// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The encoding of a catalogue: a header, followed by framed records. See docs/RESUME.md.
///
/// Each frame begins with a mark that lets a reader resynchronise, so a damaged record costs only its own torrent.
struct CatalogueFormat: Sendable {
    static let headerByteCount = 18
    private static let magic = Array("RUCHECAT".utf8)
    private static let version: UInt16 = 1
    private static let mark = Array("\u{1}rec".utf8)
    private static let checkByteCount = 8
    private static let frameByteCount = 16

    /// Differs in every file, so leftover bytes of another file do not parse as records of this one.
    let nonce: UInt64

    var header: [UInt8] {
        var out = ByteWriter()
        out.put(Self.magic)
        out.put(Self.version)
        out.put(nonce)
        return out.bytes
    }

    func frame(_ record: CatalogueRecord) -> [UInt8] {
        let payload = record.bytes
        var out = ByteWriter()
        out.put(Self.mark)
        out.put(UInt32(truncatingIfNeeded: payload.count))
        out.put(check(payload[...]))
        out.put(payload)
        return out.bytes
    }

    private func check(_ payload: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var covered = ByteWriter()
        covered.put(nonce)
        covered.put(UInt32(truncatingIfNeeded: payload.count))
        covered.put(payload)
        return SHA256.hash(covered.bytes).bytes.prefix(Self.checkByteCount)
    }

    /// The content of a catalogue.
    struct Reading {
        /// The torrents in the order in which they were added to the session.
        var entries: [CatalogueEntry] = []
        var format: CatalogueFormat
        /// The length of the intact part. What follows was being written when the process was killed.
        var byteCount: Int
        /// Bytes before `byteCount` that are not records.
        var damagedByteCount = 0
        /// Records that later records have replaced.
        var voidCount = 0
    }

    /// Reads a whole catalogue. Accepts any bytes; returns nil if the header is invalid or of another version.
    static func read(_ bytes: [UInt8]) -> Reading? {
        var input = ByteReader(bytes[...])
        guard input.next(count: magic.count)?.elementsEqual(magic) == true, input.next(UInt16.self) == version,
            let nonce = input.next(UInt64.self)
        else { return nil }
        let format = CatalogueFormat(nonce: nonce)
        var reading = Reading(format: format, byteCount: headerByteCount)
        var collector = CatalogueCollector()
        var reader = CatalogueRecordReader()
        var offset = headerByteCount
        while offset < bytes.count {
            guard let payload = format.payload(of: bytes[offset...]), let record = reader.read(payload) else {
                offset = nextMark(in: bytes, after: offset)
                continue
            }
            collector.apply(record)
            reading.damagedByteCount += offset - reading.byteCount
            offset = payload.endIndex
            reading.byteCount = offset
        }
        (reading.entries, reading.voidCount) = (collector.entries, collector.voidCount)
        return reading
    }

    private func payload(of rest: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var input = ByteReader(rest)
        guard input.next(count: Self.mark.count)?.elementsEqual(Self.mark) == true,
            let count = input.next(UInt32.self).map(Int.init), count <= StorageLimits.recordBytes,
            let check = input.next(count: Self.checkByteCount), let payload = input.next(count: count),
            check.elementsEqual(self.check(payload))
        else { return nil }
        return payload
    }

    private static func nextMark(in bytes: [UInt8], after offset: Int) -> Int {
        var start = offset + 1
        while let first = bytes[start...].firstIndex(of: mark[0]) {
            if bytes[first...].starts(with: mark) { return first }
            start = first + 1
        }
        return bytes.count
    }
}

/// Keeps the latest record of each torrent, in the order in which the torrents were added.
private struct CatalogueCollector {
    private var slots: [CatalogueEntry?] = []
    private var places: [InfoHashes: Int] = [:]
    private(set) var voidCount = 0

    var entries: [CatalogueEntry] { slots.compactMap(\.self) }

    mutating func apply(_ record: CatalogueRecord) {
        switch record {
        case .put(let entry):
            if let place = places[entry.hashes] {
                slots[place] = entry
                voidCount += 1
            } else {
                places[entry.hashes] = slots.count
                slots.append(entry)
            }
        case .removed(let hashes):
            voidCount += 1
            guard let place = places.removeValue(forKey: hashes) else { return }
            slots[place] = nil
            voidCount += 1
        }
    }
}
