// SPDX-License-Identifier: Apache-2.0

import RucheStreaming
import RucheWire
import Testing

@Suite struct PlayerPatienceTests {
    private func after(_ seconds: Int64) -> Instant { Instant.zero + .seconds(seconds) }

    @Test func `The first request must come soon`() {
        let patience = PlayerPatience(at: .zero)
        #expect(!patience.isOver(at: after(9)))
        #expect(patience.isOver(at: after(10)))
    }

    @Test func `A response that waits for the torrent may take any time`() {
        var patience = PlayerPatience(at: .zero)
        patience.handleRequest()
        #expect(!patience.isOver(at: after(100_000)))
    }

    @Test func `A paused player is left connected for a while`() {
        var patience = PlayerPatience(at: .zero)
        patience.handleRequest()
        patience.handleOffered(at: after(100))
        #expect(!patience.isOver(at: after(100 + 899)))
        #expect(patience.isOver(at: after(100 + 900)))
        patience.handleTaken()
        #expect(!patience.isOver(at: after(100 + 900)))
    }

    @Test func `A connection is idle for a minute at most`() {
        var patience = PlayerPatience(at: .zero)
        patience.handleRequest()
        patience.handleAnswered(at: after(50))
        #expect(!patience.isOver(at: after(109)))
        #expect(patience.isOver(at: after(110)))
        patience.handleRequest()
        #expect(!patience.isOver(at: after(110)))
    }
}
