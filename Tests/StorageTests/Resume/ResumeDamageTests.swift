// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheStorage

/// A journal truncated at every length, and changed at every byte.
struct ResumeDamageTests {
    private let identity = ResumeIdentity(hashes: .test(1), pieceCount: 40)

    /// One step of a torrent's life: what is written, and what is true afterwards.
    private struct Step {
        let record: ResumeRecord
        let truth: Set<Int>
    }

    private var steps: [Step] {
        func runs(_ numbers: Int...) -> PieceRuns { PieceRuns(numbers.map { PieceIndex($0) }) }
        func set(_ numbers: Int...) -> Bitfield {
            var set = Bitfield(count: identity.pieceCount)
            for number in numbers { set.insert(PieceIndex(number)) }
            return set
        }
        let boot = BootID(text: "one".utf8)
        let facts = [0: FileFacts(size: 40, modifiedNanoseconds: 7, isFinished: false)]
        return [
            Step(record: .opened(boot), truth: []),
            Step(record: .verified(runs(1, 2, 3)), truth: [1, 2, 3]),
            Step(record: .verified(runs(9)), truth: [1, 2, 3, 9]),
            Step(record: .flushed(runs(1, 2, 3)), truth: [1, 2, 3, 9]),
            Step(record: .lost(runs(2)), truth: [1, 3, 9]),
            Step(record: .facts(facts), truth: [1, 3, 9]),
            Step(record: .suspect(runs(3)), truth: [1, 9]),
            Step(record: .snapshot(verified: set(1, 9), suspects: set(3), unflushed: set(9)), truth: [1, 9]),
            Step(record: .verified(runs(3, 30)), truth: [1, 3, 9, 30]),
            Step(record: .totals(ResumeTotals()), truth: [1, 3, 9, 30]),
            Step(record: .lost(runs(9)), truth: [1, 3, 30]),
            Step(record: .closed, truth: [1, 3, 30]),
        ]
    }

    /// Returns the journal, and where each step ends in it.
    private func makeJournal() -> (bytes: [UInt8], ends: [Int]) {
        let format = ResumeFormat(nonce: 99)
        var bytes = format.header(identity)
        var ends: [Int] = []
        for step in steps {
            bytes += format.frame(step.record, at: bytes.count)
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }

    private func claims(_ bytes: [UInt8]) -> Set<Int> {
        guard case .state(var state, _, _, let end) = ResumeFormat.read(bytes, identity) else { return [] }
        if case .damaged = end { state.suspectAll() }
        return Set(state.verified.indices.map(\.int))
    }

    @Test func aCutAnywhereLeavesTheTruthOfThatMoment() {
        let (bytes, ends) = makeJournal()
        for length in 0...bytes.count {
            let done = ends.prefix { $0 <= length }.count
            let truth = done == 0 ? [] : steps[done - 1].truth
            #expect(claims(Array(bytes[..<length])) == truth, "cut at \(length)")
            // After a power cut, a file system may append zeros.
            let zeros = Array(repeating: UInt8(0), count: 30)
            #expect(claims(Array(bytes[..<length]) + zeros).isSubset(of: truth), "cut at \(length), zeros")
        }
    }

    @Test func aChangedByteAnywhereClaimsNothingUntrue() {
        let (bytes, ends) = makeJournal()
        let truth = steps[steps.count - 1].truth
        #expect(claims(bytes) == truth)
        for index in bytes.indices {
            for mask in [1, 0x80, 0xff] as [UInt8] {
                var bad = bytes
                bad[index] ^= mask
                #expect(claims(bad).isSubset(of: truth), "byte \(index) of \(ends)")
            }
        }
    }

    @Test func recordsReadAsWritten() {
        #expect(!steps.isEmpty)
        for step in steps {
            let bytes = step.record.bytes
            #expect(ResumeRecord(bytes[...], pieceCount: identity.pieceCount) == step.record)
            #expect(ResumeRecord((bytes + [0])[...], pieceCount: identity.pieceCount) != step.record)
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func garbageIsHarmless(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (bytes, _) = makeJournal()
        let format = ResumeFormat(nonce: 99)
        for round in 0..<1000 {
            var bad = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bad.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bad[index] = .random(in: 0...255, using: &random)
                case 1: bad.removeSubrange(index..<min(bad.count, index + Int.random(in: 1...9, using: &random)))
                default: bad.insert(.random(in: 0...255, using: &random), at: index)
                }
                if bad.isEmpty { bad = bytes }
            }
            _ = ResumeFormat.read(bad, identity)
            // Nonsense in valid frames reaches the record's own parser.
            let payload = random.bytes(Int.random(in: 0...40, using: &random)).map { $0 & .random(in: 0...255) }
            if let record = ResumeRecord(payload[...], pieceCount: identity.pieceCount) {
                let again = ResumeRecord(record.bytes[...], pieceCount: identity.pieceCount)
                #expect(again == record, "seed \(seed), round \(round)")
                var state = ResumeState(pieceCount: identity.pieceCount)
                state.apply(record)
                _ = format.frame(record, at: round)
            }
        }
    }
}
