// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheStorage
internal import RucheWire

/// Checks a verifier against what `PieceVerifier` promises, and returns what it breaks; empty if it conforms.
///
/// Right pieces must be right however they are cut, alone or with others, by their digests, and on several threads.
/// Changed, short and long ones must not be, nor pieces that do not exist. Nothing may trap.
///
///     @Test func verifier() async { #expect(await checkPieceVerifier(MyVerifier(), pieces: rightPieces).isEmpty) }
///
/// - Parameters:
///   - pieces: the right data of the first pieces, in order, padding left out. The pieces differ from each other.
///   - seed: decides how pieces are cut and changed.
public func checkPieceVerifier(_ verifier: any PieceVerifier, pieces: [[UInt8]], seed: UInt64 = 1) async -> [String] {
    var check = PieceVerifierCheck(verifier: verifier, pieces: pieces, random: SeededRandom(seed: seed))
    check.right()
    check.wrong()
    check.batches()
    check.digests()
    await check.threads()
    return check.violations
}

/// What has been found so far about one verifier.
private struct PieceVerifierCheck {
    private(set) var violations: [String] = []

    private let verifier: any PieceVerifier
    private let pieces: [[UInt8]]
    private var random: SeededRandom

    init(verifier: any PieceVerifier, pieces: [[UInt8]], random: SeededRandom) {
        self.verifier = verifier
        self.pieces = pieces
        self.random = random
    }

    private mutating func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
        if !condition, violations.count < 20 { violations.append(violation()) }
    }

    // MARK: - One piece

    mutating func right() {
        for (number, bytes) in pieces.enumerated() {
            for cut in [Cut.whole, .blocks, .bytes, .random] {
                let verdict = verdict(on: PieceIndex(number), bytes, cut)
                expect(verdict == .right, "piece \(number) is right, but the verdict is \(verdict) if cut: \(cut)")
            }
        }
    }

    mutating func wrong() {
        for (number, bytes) in pieces.enumerated() {
            let piece = PieceIndex(number)
            for (change, bytes) in changes(of: bytes, at: number) {
                let verdict = verdict(on: piece, bytes, .random)
                expect(verdict != .right, "piece \(number) is right although it \(change)")
                guard case .wrong(let leaves) = verdict, !leaves.isEmpty else { continue }
                expect(leaves == Self.leaves(of: bytes), "the leaves of a wrong piece are not those of its blocks")
            }
            for beyond in [PieceIndex(UInt32.max), PieceIndex(UInt32.max / 2)] {
                expect(verdict(on: beyond, bytes, .whole) != .right, "piece \(beyond), which does not exist, is right")
            }
        }
    }

    private mutating func changes(of bytes: [UInt8], at number: Int) -> [(words: String, bytes: [UInt8])] {
        var all = [("is too long", bytes + [0]), ("is too long", bytes + random.nextBytes(count: Block.byteCount))]
        guard !bytes.isEmpty else { return all }
        for _ in 0..<4 {
            var changed = bytes
            changed[.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            all.append(("differs in one bit", changed))
        }
        all.append(("is too short", bytes.dropLast()))
        all.append(("has no bytes", []))
        if let other = pieces.first(where: { $0 != bytes && $0.count == bytes.count }) {
            all.append(("is another piece", other))
        }
        return all
    }

    // MARK: - Several pieces

    /// Right and changed pieces side by side.
    mutating func batches() {
        for count in [0, 1, 2, 3, 5, 8, 13, 40] where !pieces.isEmpty {
            let batch = (0..<count).map { _ in
                let number = Int.random(in: pieces.indices, using: &random)
                let choices = [("", pieces[number])] + changes(of: pieces[number], at: number)
                return (piece: PieceIndex(number), bytes: choices.randomElement(using: &random)?.1 ?? [])
            }
            let joint = batch.flatMap(\.bytes).withUnsafeBytes { all in
                var start = 0
                let chunks = batch.map { piece, bytes in
                    defer { start += bytes.count }
                    let part = UnsafeRawBufferPointer(rebasing: all[start..<start + bytes.count])
                    return PieceChunks(piece: piece, chunks: [part])
                }
                return verifier.verdicts(on: chunks)
            }
            let single = batch.map { verdict(on: $0.piece, $0.bytes, .whole) }
            expect(joint == single, "\(count) pieces at once get other verdicts than one by one")
        }
    }

    /// Digests tell what the bytes tell, and digests of nonsense do no harm.
    mutating func digests() {
        guard let digesting = verifier.digesting else { return }
        for (number, bytes) in pieces.enumerated() {
            let piece = PieceIndex(number)
            let recipe = digesting.recipe(for: piece)
            for bytes in [bytes] + changes(of: bytes, at: number).map(\.bytes) {
                var hasher = PieceHasher(pieceCount: 1)
                let digests = bytes.withUnsafeBytes { all in
                    hasher.begin([recipe])
                    hasher.append(all, to: 0)
                    return hasher.finish()
                }
                let verdict = digests.first.map { digesting.verdict(on: piece, digests: $0) }
                expect(verdict == self.verdict(on: piece, bytes, .whole), "digests tell other than bytes")
            }
            let leaves = (0..<9).map { SHA256.hash([UInt8($0)]) }
            for byteCount in [bytes.count, -1, .max] {
                let nonsense = PieceDigests(byteCount: byteCount, sha1: SHA1.hash([1]), leaves: leaves)
                expect(digesting.verdict(on: piece, digests: nonsense) != .right, "nonsense is right")
            }
        }
        _ = digesting.recipe(for: PieceIndex(UInt32.max))
    }

    mutating func threads() async {
        let (verifier, pieces) = (verifier, pieces)
        let isSame = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    pieces.enumerated().allSatisfy { number, bytes in
                        bytes.withUnsafeBytes { verifier.verdict(on: PieceIndex(number), chunks: [$0]) } == .right
                    }
                }
            }
            return await group.allSatisfy { $0 }
        }
        expect(isSame, "right pieces are not right if several threads ask")
    }

    // MARK: - Bytes

    private enum Cut { case whole, blocks, bytes, random }

    private mutating func verdict(on piece: PieceIndex, _ bytes: [UInt8], _ cut: Cut) -> PieceVerdict {
        let length: Int? =
            switch cut {
            case .whole: bytes.count
            case .blocks: Block.byteCount
            case .bytes: bytes.count <= 4_096 ? 1 : 997
            case .random: nil
            }
        return bytes.withUnsafeBytes { all in
            var chunks: [UnsafeRawBufferPointer] = []
            var rest = all[...]
            while !rest.isEmpty {
                let count = length ?? Int.random(in: 0...max(rest.count, 1), using: &random)
                chunks.append(UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            return verifier.verdict(on: piece, chunks: chunks)
        }
    }

    private static func leaves(of bytes: [UInt8]) -> [SHA256Digest] {
        stride(from: 0, to: bytes.count, by: Block.byteCount).map {
            SHA256.hash(Array(bytes[$0..<min($0 + Block.byteCount, bytes.count)]))
        }
    }
}
