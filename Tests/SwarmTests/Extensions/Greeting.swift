// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheWire

// docs/ARCHITECTURE.md shows these lines.

struct Greeting: PeerExtension {
    typealias Report = String

    static let name: ExtensionName = "xy_greeting"

    init(in batch: inout ExtensionBatch<Self>) {}

    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined: batch.send(Array("hello".utf8), to: peer)
        case .message(let bytes): batch.report(String(decoding: bytes, as: UTF8.self))
        case .hasRoom, .left: break
        }
    }

    mutating func handle(_ line: String, in batch: inout ExtensionBatch<Self>) {
        for peer in batch.peers { batch.send(Array(line.utf8), to: peer) }
    }
}
