// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

extension FuzzTarget {
    /// A journal on disk. If the first byte is odd, the rest is the file. Otherwise the rest is a sequence of payloads,
    /// each after its length, which are put into frames with valid checks: a fuzzer would never get past the hashes on
    /// its own.
    static let resume = FuzzTarget(name: "resume", seeds: { resumeSeeds }) { bytes in
        var tape = Tape(bytes)
        let file = tape.nextByte() & 1 == 1 ? tape.nextRest() : JournalBytes.framed(&tape)
        unlink(path)
        write(file, to: path)
        guard let journal = try? ResumeJournal.open(path, for: JournalBytes.identity) else { return }
        let state = journal.state
        require(state.verified.count >= JournalBytes.pieceCount, "no piece is forgotten; the content may have grown")
        journal.abandon()
        guard let again = try? ResumeJournal.open(path, for: JournalBytes.identity) else {
            return require(false, "what was opened can be opened again")
        }
        require(again.state.verified == state.verified, "opening claims no piece and loses none")
        require(again.state.suspects == state.suspects, "opening clears no suspicion")
        again.abandon()
    }

    private static let path = (environment("FUZZ_SCRATCH") ?? "/tmp") + "/ruche-fuzz-\(getpid()).resume"

    private static let resumeSeeds: [[UInt8]] = [
        [0] + JournalBytes.payload(1, [UInt8](repeating: 1, count: 16))
            + JournalBytes.payload(2, [0, 0, 0, 0, 5, 0, 0, 0])
            + JournalBytes.payload(5, [1, 0, 0, 0, 2, 0, 0, 0]) + JournalBytes.payload(3, [4, 0, 0, 0, 1, 0, 0, 0])
            + JournalBytes.payload(4, [0, 0, 0, 0, 1, 0, 0, 0]) + JournalBytes.payload(9, []),
        [0] + JournalBytes.payload(11, [21, 0, 0, 0]) + JournalBytes.payload(1, [UInt8](repeating: 1, count: 16)),
        [0] + JournalBytes.payload(6, [0xff, 0xff, 0xf0, 0, 0, 0, 0, 0, 0]),
        [0] + JournalBytes.payload(7, [UInt8](repeating: 0, count: 21))
            + JournalBytes.payload(8, [UInt8](repeating: 1, count: 24)),
        [1] + JournalBytes.header,
    ]
}

/// The format of a journal, as described in docs/RESUME.md.
private enum JournalBytes {
    static let pieceCount = 20
    private static let nonce = [UInt8](repeating: 3, count: 8)

    static let identity: ResumeIdentity = {
        guard let hashes = InfoHashes(v1: SHA1Digest(), v2: nil) else { fatalError("there is one") }
        return ResumeIdentity(hashes: hashes, pieceCount: pieceCount)
    }()

    static let header: [UInt8] = {
        let fields: [UInt8] = Array("RUCHERES".utf8) + [1, 0, 1, 0, UInt8(pieceCount), 0, 0, 0] + nonce
        let covered = fields + [UInt8](repeating: 0, count: SHA1Digest.byteCount + SHA256Digest.byteCount)
        return covered + SHA256.hash(covered).bytes.prefix(8)
    }()

    /// Returns a payload with its length in front, as on the tape.
    static func payload(_ kind: UInt8, _ body: [UInt8]) -> [UInt8] { [UInt8(body.count + 1), kind] + body }

    /// Returns a journal with the tape's payloads.
    static func framed(_ tape: inout Tape) -> [UInt8] {
        var out = header
        while !tape.isAtEnd {
            let payload = tape.nextBytes(Int(tape.nextByte()))
            let offset = littleEndian(UInt64(out.count))
            var frame = Array(littleEndian(UInt64(payload.count)).prefix(4))
            frame += SHA256.hash(nonce + offset + frame).bytes.prefix(4)
            frame += payload
            frame += SHA256.hash(nonce + offset + frame).bytes.prefix(8)
            out += frame
        }
        return out
    }

    private static func littleEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
