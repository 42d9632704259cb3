// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

extension Parrot {
    /// The first id that is assigned.
    static let ownID: UInt8 = 16
}

/// A core with `Parrot`.
extension CoreBench {
    static func withParrot(isPrivate: Bool = false) throws -> CoreBench {
        let torrent = try VirtualTorrent(
            .v1,
            pieceLength: 32_768,
            fileSizes: [32_768],
            isPrivate: isPrivate,
            seed: 1
        )
        let bench = CoreBench(torrent, isSeed: false)
        bench.attachParrot()
        return bench
    }

    func attachParrot() {
        batch { core, batch in core.attach(ExtensionKind(Parrot.self), in: &batch) }
    }

    /// Connects a peer that wants `Parrot`'s messages under `id`.
    func join(_ number: UInt8, id: UInt8) throws -> (slot: PeerSlot, handle: PeerHandle) {
        let slot = try #require(connect(number))
        greet(from: slot) { $0.extensions = [Parrot.name: id] }
        let handles = parrotReports.compactMap { if case .joined(let handle, _) = $0 { handle } else { nil } }
        return (slot, try #require(handles.first))
    }

    func say(_ text: String, from slot: PeerSlot) {
        tell(.extended(id: Parrot.ownID, payload: ByteBuffer(string: text)), from: slot)
    }

    func command(_ command: Parrot.Command) {
        batch { core, batch in core.handleCommand(command, to: Parrot.name, in: &batch) }
    }

    var parrotReports: [Parrot.Report] {
        effects.compactMap {
            if case .extensionReport(Parrot.name, let report) = $0 { report as? Parrot.Report } else { nil }
        }
    }
}
