// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire

/// Small swarms for single questions.
enum Scenario {
    /// One and a half mebibytes in 48 pieces.
    static func torrent(
        _ format: TorrentFormat = .v1,
        pieces: Int = 48,
        isPrivate: Bool = false
    ) throws -> VirtualTorrent {
        try VirtualTorrent(format, pieceLength: 32_768, fileSizes: [pieces * 32_768], isPrivate: isPrivate, seed: 42)
    }

    /// A link with this uplink in KiB per second, and ample downlink.
    static func link(_ uplink: Int) -> LinkCapacity {
        LinkCapacity(uplinkBytesPerSecond: uplink << 10, downlinkBytesPerSecond: 4 << 20)
    }
}

extension VirtualSwarm {
    /// Adds and starts several peers of a kind.
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
    /// Whether all of them have everything, without wrong pieces.
    var areCompleteAndRight: Bool { allSatisfy { $0.isComplete && $0.wrongPieces.isEmpty } }
    /// Whether all of them have everything.
    var areComplete: Bool { allSatisfy(\.isComplete) }
    /// The average seconds to completion; incomplete peers count as infinitely late.
    var averageCompletion: Double {
        reduce(0) { $0 + ($1.completedAt.map { $0 - .zero }?.seconds ?? .infinity) } / Double(count)
    }
}
