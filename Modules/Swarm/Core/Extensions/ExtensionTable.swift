// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The extensions of one torrent by the ids under which we receive their messages (BEP 10). Owner: `SwarmCore`.
struct ExtensionTable {
    /// Ids of messages that the core handles itself end here.
    private static let firstFreeID: UInt8 = 16

    /// In the order of their ids.
    private(set) var all: [(id: UInt8, host: any ExtensionHost)] = []
    /// The swarm's content if it is not a torrent: one of `all`.
    private(set) var content: (any ContentHost)?
    private var nextID = Self.firstFreeID

    /// The extension whose messages have this id.
    func host(receiving id: UInt8) -> (any ExtensionHost)? {
        // There are a few.
        for entry in all where entry.id == id { return entry.host }
        return nil
    }

    func host(named name: ExtensionName) -> (any ExtensionHost)? {
        for entry in all where entry.host.name == name { return entry.host }
        return nil
    }

    /// Returns an id for a new extension; nil once there are as many as peers read in a handshake.
    mutating func makeID() -> UInt8? {
        guard all.count < PeerLimits().extensionCount / 2 else { return nil }
        defer { nextID += 1 }
        return nextID
    }

    mutating func setContent(_ host: any ContentHost, receiving id: UInt8) {
        content = host
        add(host, receiving: id)
    }

    mutating func add(_ host: any ExtensionHost, receiving id: UInt8) { all.append((id, host)) }
}
