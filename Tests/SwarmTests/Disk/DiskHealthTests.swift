// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheWire
import Testing

@testable import RucheSwarm

/// Passing failures are retried, lasting ones are trouble, and trouble ends by itself.
struct DiskHealthTests {
    private let limits: SwarmLimits = {
        var limits = SwarmLimits()
        limits.diskPatience = .seconds(8)
        limits.diskRetryPause = .seconds(4)
        return limits
    }()

    private func error(_ code: StorageError.Code) -> StorageError {
        StorageError(code, operation: "write", path: "film.mkv", reason: "as scripted")
    }

    private func moment(_ milliseconds: Int) -> Instant { Instant.zero + .milliseconds(milliseconds) }

    @Test func oneBadMomentIsNoTrouble() {
        var health = DiskHealth(limits)
        health.handleFailure(of: .store, error(.diskFull), at: moment(0))
        #expect(!health.isWell && health.trouble(at: moment(0)) == nil)
        #expect(health.nextAttemptAt == moment(500))
        #expect(health.nextAttempts(at: moment(499)).isEmpty)
        #expect(health.nextAttempts(at: moment(500)) == [.store])
        #expect(health.nextAttempts(at: moment(500)).isEmpty, "each attempt is made once")
        health.handleSuccess(of: .store)
        #expect(health.isWell && health.nextAttemptAt == nil)
    }

    @Test("Checkpoints go on while a piece cannot be read or stored; a failed flush has its own attempts")
    func checkpoints() {
        var health = DiskHealth(limits)
        health.handleFailure(of: .read(PieceIndex(3)), error(.io), at: moment(0))
        health.handleFailure(of: .store, error(.io), at: moment(0))
        #expect(!health.isWell && health.allowsCheckpoint)
        health.handleFailure(of: .flush, error(.io), at: moment(0))
        #expect(!health.allowsCheckpoint)
        health.handleSuccess(of: .flush)
        #expect(health.allowsCheckpoint)
    }

    @Test func whatLastsIsTroubleUntilItSucceeds() {
        var health = DiskHealth(limits)
        var now = moment(0)
        health.handleFailure(of: .store, error(.diskFull), at: now)
        var pauses: [Int64] = []
        while health.trouble(at: now) == nil {
            guard let due = health.nextAttemptAt else { break }
            pauses.append((due - now).nanoseconds / 1_000_000)
            now = due
            #expect(health.nextAttempts(at: now) == [.store])
            health.handleFailure(of: .store, error(.diskFull), at: now)
        }
        #expect(pauses == [500, 1_000, 2_000, 4_000, 4_000], "pauses double, up to the limit")
        #expect(health.trouble(at: now)?.error.path == "film.mkv")
        #expect(health.trouble(at: now)?.stopsSharing == false, "stored pieces can still be uploaded")
        health.handleSuccess(of: .store)
        #expect(health.trouble(at: now) == nil)
    }

    @Test(arguments: [StorageError.Code.tooManyOpenFiles, .busy]) func whatPassesIsNeverTrouble(code: StorageError.Code)
    {
        var health = DiskHealth(limits)
        var now = moment(0)
        health.handleFailure(of: .read(PieceIndex(3)), error(code), at: now)
        for _ in 0..<100 {
            guard let due = health.nextAttemptAt else { break }
            now = due
            #expect(health.nextAttempts(at: now).count == 1)
            health.handleFailure(of: .read(PieceIndex(3)), error(code), at: now)
        }
        #expect(now > moment(300_000), "it is retried for as long as it takes")
        #expect(health.trouble(at: now) == nil)
    }

    @Test(arguments: [DiskHealth.Work.store, .finish, .flush, .read(PieceIndex(3))])
    func whatIsInTheWayOfWritingIsFinalAtOnce(work: DiskHealth.Work) {
        var health = DiskHealth(limits)
        let isReading = work == .read(PieceIndex(3))
        health.handleFailure(of: work, error(.occupied), at: moment(0))
        #expect(health.trouble(at: moment(0))?.isFinal == (isReading ? nil : true))
        #expect(health.trouble(at: moment(8_000))?.isFinal == !isReading)
        health.handleSuccess(of: work)
        #expect(health.trouble(at: moment(8_000)) == nil)
    }

    @Test func onlyPiecesThatFailedAreRefused() {
        var health = DiskHealth(limits)
        health.handleFailure(of: .read(PieceIndex(1)), error(.missing), at: moment(0))
        #expect(health.isDoubted(PieceIndex(1)) && !health.isDoubted(PieceIndex(2)))
        #expect(health.trouble(at: moment(9_000))?.stopsSharing == true)
    }

    @Test func piecesAreExaminedOneAtATime() {
        var health = DiskHealth(limits)
        for piece in 0..<3 { health.handleFailure(of: .read(PieceIndex(piece)), error(.io), at: moment(piece)) }
        health.handleFailure(of: .flush, error(.io), at: moment(0))
        let first = health.nextAttempts(at: moment(1_000))
        #expect(Set(first) == [.flush, .read(PieceIndex(0))])
        #expect(health.nextAttemptAt == nil && health.nextAttempts(at: moment(1_000)).isEmpty)
        health.handleSuccess(of: .read(PieceIndex(0)))
        #expect(health.nextAttempts(at: moment(1_000)) == [.read(PieceIndex(1))])
    }

    @Test func doubtsAreBounded() {
        var health = DiskHealth(limits)
        for piece in 0..<10_000 { health.handleFailure(of: .read(PieceIndex(piece)), error(.io), at: moment(0)) }
        #expect((0..<10_000).count { health.isDoubted(PieceIndex($0)) } == DiskHealth.doubtedPieces)
        health.reset()
        #expect(health.isWell)
    }
}
