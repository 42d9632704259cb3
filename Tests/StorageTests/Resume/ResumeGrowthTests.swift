// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire
import Testing

@testable import RucheStorage

/// The journal of content that grows.
struct ResumeGrowthTests {
    private let sandbox = Sandbox()
    private let identity = ResumeIdentity(hashes: .test(1), pieceCount: 0)
    private let boot = BootID(text: "one".utf8)

    private func open(limits: StorageLimits = .init()) throws(StorageError) -> ResumeJournal {
        try ResumeJournal(sandbox.at("state/a.resume"), identity, limits, boot: boot)
    }

    private func pieces(_ numbers: Range<Int>) -> [PieceIndex] { numbers.map { PieceIndex($0) } }

    @Test("Records of later pieces survive a kill, whether or not the journal was compacted")
    func growth() throws {
        for compacts in [false, true] {
            var limits = StorageLimits()
            if compacts { limits.journalGrowthBytes = 1 }
            var journal = try open(limits: limits)
            for count in stride(from: 10, through: 3_000, by: 10) {
                try journal.append(grownTo: count)
                try journal.append(verified: pieces(count - 10..<count - 5))
                if count.isMultiple(of: 700) {
                    journal.abandon()
                    journal = try open(limits: limits)
                }
            }
            journal.abandon()
            let state = try open(limits: limits).state
            #expect(state.pieceCount == 3_000 && state.verified.setCount == 1_500)
            #expect(state.verified.indices.allSatisfy { $0.int % 10 < 5 } && !state.isFresh)
            try open(limits: limits).remove()
        }
    }

    @Test("It never shrinks, and its growth is limited")
    func bounds() throws {
        let journal = try open()
        try journal.append(grownTo: 20)
        try journal.append(grownTo: 10)
        #expect(journal.state.pieceCount == 20)
        let tooMany = StorageLimits.grownPieces + 1
        #expect(storageError { () throws(StorageError) in try journal.append(grownTo: tooMany) }?.code == .limit)
        #expect(ResumeRecord(ResumeRecord.grown(pieceCount: 10).bytes[...], pieceCount: 20) == nil)
        #expect(ResumeRecord(ResumeRecord.grown(pieceCount: tooMany).bytes[...], pieceCount: 20) == nil)
    }
}
