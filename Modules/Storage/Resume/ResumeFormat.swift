// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Identifies the torrent of a journal.
package struct ResumeIdentity: Hashable, Sendable {
    /// The torrent's info-hashes.
    package let hashes: InfoHashes
    /// The number of pieces; for content that grows, the number when the journal was created.
    package let pieceCount: Int

    /// `pieceCount` must be that of the torrent with these hashes.
    package init(hashes: InfoHashes, pieceCount: Int) {
        self.hashes = hashes
        self.pieceCount = pieceCount
    }

    /// The identity of `info`.
    package init(_ info: TorrentInfo) { self.init(hashes: info.hashes, pieceCount: info.geometry.pieceCount) }
}

/// The encoding of a journal: a header, followed by framed records. See docs/RESUME.md.
///
/// Every checksum covers the journal's own nonce and the record's offset, so stale bytes of another journal, which may
/// surface after a power cut, do not parse as records of this one.
struct ResumeFormat: Sendable {
    static let headerByteCount = 84
    private static let magic = Array("RUCHERES".utf8)
    private static let version: UInt16 = 1
    private static let checkByteCount = 8
    private static let frameByteCount = 8

    /// Differs in every journal.
    let nonce: UInt64

    // MARK: Writing

    func header(_ identity: ResumeIdentity) -> [UInt8] {
        var out = ByteWriter()
        out.put(Self.magic)
        out.put(Self.version)
        out.put(UInt16(identity.hashes.v1 == nil ? 0 : 1) | (identity.hashes.v2 == nil ? 0 : 2))
        out.put(UInt32(truncatingIfNeeded: identity.pieceCount))
        out.put(nonce)
        out.put((identity.hashes.v1 ?? SHA1Digest()).bytes)
        out.put((identity.hashes.v2 ?? SHA256Digest()).bytes)
        out.put(SHA256.hash(out.bytes).bytes.prefix(Self.checkByteCount))
        return out.bytes
    }

    /// Returns the frame of `record` at `offset`.
    func frame(_ record: ResumeRecord, at offset: Int) -> [UInt8] {
        let payload = record.bytes
        var out = ByteWriter()
        out.put(UInt32(truncatingIfNeeded: payload.count))
        out.put(check(out.bytes[...], at: offset).prefix(Self.frameByteCount - 4))
        out.put(payload)
        out.put(check(out.bytes[...], at: offset).prefix(Self.checkByteCount))
        return out.bytes
    }

    private func check(_ bytes: ArraySlice<UInt8>, at offset: Int) -> [UInt8] {
        var input = ByteWriter()
        input.put(nonce)
        input.put(UInt64(truncatingIfNeeded: offset))
        input.put(bytes)
        return SHA256.hash(input.bytes).bytes
    }

    // MARK: Reading

    /// What a journal file turned out to be.
    enum Reading {
        /// Not a journal, or one of another version: nothing can be claimed.
        case unreadable
        /// A journal of another torrent.
        case foreign
        /// The journal's state; its first `byteCount` bytes are intact.
        case state(ResumeState, ResumeFormat, byteCount: Int, end: End)
    }

    /// How a journal ends.
    enum End {
        /// After a whole record, or inside a record that was being written.
        case plain
        /// With bytes that no interrupted write leaves. Later records, which may report lost pieces, are unknown.
        case damaged
    }

    /// Reads a whole journal. Accepts any bytes.
    static func read(_ bytes: [UInt8], _ identity: ResumeIdentity) -> Reading {
        guard let format = readHeader(bytes) else { return .unreadable }
        guard format.header(identity) == Array(bytes.prefix(headerByteCount)) else { return .foreign }
        var state = ResumeState(pieceCount: identity.pieceCount)
        state.isFresh = false
        var offset = headerByteCount
        while true {
            switch format.nextRecord(bytes[offset...], at: offset, pieceCount: state.pieceCount) {
            case .record(let record, let byteCount):
                state.apply(record)
                offset += byteCount
            case .end(let end):
                return .state(state, format, byteCount: offset, end: end)
            }
        }
    }

    private static func readHeader(_ bytes: [UInt8]) -> ResumeFormat? {
        guard bytes.count >= headerByteCount else { return nil }
        let covered = bytes[..<(headerByteCount - checkByteCount)]
        let check = bytes[covered.endIndex..<headerByteCount]
        guard check.elementsEqual(SHA256.hash(Array(covered)).bytes.prefix(checkByteCount)) else { return nil }
        var input = ByteReader(covered)
        guard input.next(count: magic.count)?.elementsEqual(magic) == true, input.next(UInt16.self) == version,
            input.next(UInt16.self) != nil, input.next(UInt32.self) != nil, let nonce = input.next(UInt64.self)
        else { return nil }
        return ResumeFormat(nonce: nonce)
    }

    private enum Next {
        case record(ResumeRecord, byteCount: Int)
        case end(End)
    }

    private func nextRecord(_ rest: ArraySlice<UInt8>, at offset: Int, pieceCount: Int) -> Next {
        var input = ByteReader(rest)
        // File systems append zeros after a power cut.
        guard let frame = input.next(count: Self.frameByteCount), rest.contains(where: { $0 != 0 }) else {
            return .end(.plain)
        }
        var fields = ByteReader(frame)
        guard let count = fields.next(UInt32.self).map(Int.init), count <= StorageLimits.recordBytes,
            let frameCheck = fields.next(count: 4),
            frameCheck.elementsEqual(check(frame.prefix(4), at: offset).prefix(4))
        else { return .end(.damaged) }
        guard let payload = input.next(count: count), let payloadCheck = input.next(count: Self.checkByteCount) else {
            return .end(.plain)
        }
        guard
            payloadCheck.elementsEqual(check(rest.prefix(frame.count + count), at: offset).prefix(Self.checkByteCount)),
            let record = ResumeRecord(payload, pieceCount: pieceCount)
        else { return .end(.damaged) }
        return .record(record, byteCount: frame.count + count + Self.checkByteCount)
    }
}
