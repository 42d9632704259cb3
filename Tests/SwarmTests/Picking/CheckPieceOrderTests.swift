// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTesting
import RucheWire
import Synchronization
import Testing

@testable import RucheSwarm

/// Orders are held to what the engine expects of them.
struct CheckPieceOrderTests {
    @Test("Orders that keep their promises conform", arguments: [1, 2])
    func good(seed: UInt64) throws {
        #expect(try checkPieceOrder(LastFirst(), seed: seed).isEmpty)
        #expect(try checkPieceOrder(Rarest(), seed: seed).isEmpty)
    }

    @Test("Faulty orders are found out", arguments: [OrderFault.index, .idle, .state])
    func faults(fault: OrderFault) throws {
        #expect(try !checkPieceOrder(Faulty(fault: fault)).isEmpty)
    }
}

/// The order that the protocol's defaults make.
private struct Rarest: PieceOrder {}

/// What an order may do wrong.
enum OrderFault { case index, idle, state }

private struct Faulty: PieceOrder {
    let fault: OrderFault
    private let state = Counter()

    init(fault: OrderFault) { self.fault = fault }

    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int { fault == .state ? state.next() : 0 }

    func choose(
        _ candidates: Span<PieceCandidate>,
        for peer: OrderPeer,
        at now: Instant,
        using random: inout SeededRandom
    ) -> Int? {
        switch fault {
        case .index: candidates.count
        case .idle: nil
        case .state: 0
        }
    }
}

/// State that an order must not have.
private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count % 64
        }
    }
}
