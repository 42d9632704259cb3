// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The connections of a socket, by the peer's endpoint and the id of packets to us.
///
/// Owner: `UTPSocket`; confined to its loop.
struct UTPTable {
    private struct Key: Hashable {
        let remote: PeerEndpoint
        let id: UInt16
    }

    private var streams: [Key: UTPStream] = [:]
    /// Incoming connections whose peers have not proved that their addresses are real, by address.
    private var halfOpen: [IPAddress: Int] = [:]
    private var halfOpenCount = 0
    private var unconfirmed: Set<ObjectIdentifier> = []
    /// The stream of the previous packet, which is usually that of the next.
    private var latest: (key: Key, stream: UTPStream)?

    var count: Int { streams.count }
    var all: [UTPStream] { Array(streams.values) }

    /// Returns the connection of a packet. A RESET may carry the id of either direction, because implementations
    /// differ.
    mutating func stream(for header: UTPHeader, from remote: PeerEndpoint) -> UTPStream? {
        let id = header.kind == .syn ? header.connectionID &+ 1 : header.connectionID
        let key = Key(remote: remote, id: id)
        if let latest, latest.key == key { return latest.stream }
        if let stream = streams[key] {
            latest = (key, stream)
            return stream
        }
        guard header.kind == .reset else { return nil }
        for other in [id &- 1, id &+ 1] {
            if let stream = streams[Key(remote: remote, id: other)], stream.core.sendID == id { return stream }
        }
        return nil
    }

    func dialling(_ remote: PeerEndpoint) -> [UTPStream] {
        streams.values.filter { !$0.facts.isIncoming && $0.remote == remote && $0.core.isConnecting }
    }

    /// Returns an id that neither direction of a connection to `remote` uses; nil if a few draws find none.
    func makeID(for remote: PeerEndpoint, using random: inout some RandomNumberGenerator) -> UInt16? {
        for _ in 0..<16 {
            let id = UInt16.random(in: .min ... .max, using: &random)
            let isFree = [id &- 1, id, id &+ 1].allSatisfy { streams[Key(remote: remote, id: $0)] == nil }
            if isFree { return id }
        }
        return nil
    }

    func mayAccept(_ remote: PeerEndpoint, _ limits: UTPLimits) -> Bool {
        halfOpenCount < limits.halfOpen && halfOpen[remote.address, default: 0] < limits.halfOpenPerAddress
    }

    mutating func insert(_ stream: UTPStream) {
        streams[Key(remote: stream.remote, id: stream.core.receiveID)] = stream
        guard stream.facts.isIncoming else { return }
        unconfirmed.insert(ObjectIdentifier(stream))
        halfOpen[stream.remote.address, default: 0] += 1
        halfOpenCount += 1
    }

    /// Records that the peer has proved its address, or is gone.
    mutating func confirm(_ stream: UTPStream) {
        guard unconfirmed.remove(ObjectIdentifier(stream)) != nil else { return }
        halfOpenCount -= 1
        let left = halfOpen[stream.remote.address, default: 1] - 1
        halfOpen[stream.remote.address] = left > 0 ? left : nil
    }

    mutating func remove(_ stream: UTPStream) {
        confirm(stream)
        if latest?.stream === stream { latest = nil }
        let key = Key(remote: stream.remote, id: stream.core.receiveID)
        if streams[key] === stream { streams[key] = nil }
    }
}
