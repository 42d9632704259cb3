// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire

/// Small swarms for single questions.
enum Scenario {
    /// A mebibyte and a half in 48 pieces.
    static func torrent(
        _ format: MetainfoBuilder.Format = .v1,
        pieces: Int = 48,
        isPrivate: Bool = false
    ) throws -> VirtualTorrent {
        try VirtualTorrent(format, pieceLength: 32_768, fileSizes: [pieces * 32_768], isPrivate: isPrivate, seed: 42)
    }

    /// A link with so much uplink and ample downlink; KiB per second.
    static func link(_ uplink: Int) -> LinkCapacity {
        LinkCapacity(uplinkBytesPerSecond: uplink << 10, downlinkBytesPerSecond: 4 << 20)
    }
}

extension VirtualSwarm {
    /// Adds and starts several of a kind.
    @discardableResult
    func start(_ count: Int, _ role: PeerRole = .leecher, _ conduct: Conduct = .honest, uplink: Int = 64)
        -> [VirtualPeer]
    {
        (0..<count).map { _ in
            let peer = add(role, conduct, capacity: Scenario.link(uplink))
            peer.start()
            return peer
        }
    }
}

extension [VirtualPeer] {
    /// Whether all of them have everything, and all of it right.
    var areCompleteAndRight: Bool { allSatisfy { $0.isComplete && $0.wrongPieces.isEmpty } }
    /// Whether all of them have everything.
    var areComplete: Bool { allSatisfy(\.isComplete) }
    /// Seconds to completion, on average; those that have not completed count as infinitely late.
    var averageCompletion: Double {
        reduce(0) { $0 + ($1.completedAt.map { $0 - .zero }?.seconds ?? .infinity) } / Double(count)
    }
}
