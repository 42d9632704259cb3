// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

@testable import RucheDHT

extension PeerEndpoint {
    /// `a.b.c.d`, by default on the usual port.
    static func v4(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, port: UInt16 = 6881) -> PeerEndpoint {
        PeerEndpoint(address: IPAddress(v4: a << 24 | b << 16 | c << 8 | d), port: port)
    }
}

extension NodeContact {
    /// A node whose id matches its address.
    init(at endpoint: PeerEndpoint, using random: inout SeededRandom) {
        self.init(id: NodeID(at: endpoint.address, using: &random), endpoint: endpoint)
    }
}

extension Instant {
    /// `count` seconds after zero.
    static func seconds(_ count: Int) -> Instant { .zero + .seconds(count) }
}
