// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Piece picker compared with a simple model")
struct PiecePickerModelTests {
    @Test("The picker agrees with the model after any sequence of events", arguments: 0..<40 as Range<UInt64>)
    func events(seed: UInt64) {
        var limits = PickerLimits()
        if seed.isMultiple(of: 2) { limits.openByteCount = 600_000 }
        if seed.isMultiple(of: 3) { limits.openPieceCount = 5 }
        limits.stalledAfter = .seconds(2)
        var model = PickerModel(seed: seed, limits: limits)
        for _ in 0..<1_500 {
            model.now = model.now + .milliseconds(Int.random(in: 0...100, using: &model.random))
            switch Int.random(in: 0..<40, using: &model.random) {
            case 0..<2: model.join()
            case 2: model.leave()
            case 3..<7: model.announce()
            case 7: model.lose()
            case 8..<18: model.request()
            case 18..<33: model.deliver()
            case 33..<36: model.finishPieces()
            case 36: model.snub()
            case 37: model.release()
            case 38: Bool.random(using: &model.random) ? model.prioritise() : model.abandon()
            default: Int.random(in: 0..<4, using: &model.random) == 0 ? model.loseOwn() : model.announce()
            }
            model.check()
        }
    }

    @Test("It agrees with the model while the content grows and is trimmed", arguments: 200..<240 as Range<UInt64>)
    func growth(seed: UInt64) {
        var limits = PickerLimits()
        if seed.isMultiple(of: 2) { limits.openByteCount = 600_000 }
        var model = PickerModel(seed: seed, limits: limits, isGrowing: true)
        for _ in 0..<1_000 {
            model.now = model.now + .milliseconds(Int.random(in: 0...100, using: &model.random))
            switch Int.random(in: 0..<40, using: &model.random) {
            case 0..<2: model.join()
            case 2: model.leave()
            case 3..<6: model.announce()
            case 6..<8: model.grow()
            case 8..<18: model.request()
            case 18..<33: model.deliver()
            case 33..<36: model.finishPieces()
            case 36: model.snub()
            case 37: model.release()
            case 38: Bool.random(using: &model.random) ? model.prioritise() : model.abandon()
            default: model.trim()
            }
            model.check()
        }
        #expect(model.geometry.pieceCount > 50 && model.trimmedCount > 0)
    }

    @Test("Every block is requested, and the download completes", arguments: 100..<130 as Range<UInt64>)
    func completion(seed: UInt64) {
        var limits = PickerLimits()
        limits.openByteCount = 300_000
        var model = PickerModel(seed: seed, limits: limits)
        for _ in 0..<4 { model.join() }
        for _ in 0..<20_000 where !model.picker.isFinished {
            model.now = model.now + .milliseconds(50)
            if !model.connected.contains(where: { model.peers[$0]?.pieces == .all }) { model.join() }
            model.request()
            model.deliver()
            model.deliver()
            model.finishPieces()
            model.abandon()
        }
        #expect(model.picker.isFinished && model.picker.have.isComplete, "seed \(seed)")
        #expect(model.picker.openByteCount == 0 && model.picker.outstandingCount == 0)
        model.check()
    }
}
