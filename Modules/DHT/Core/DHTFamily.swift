// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// This node in the DHT of one address family. The two DHTs are separate networks (BEP 32), and an id belongs to an
/// address (BEP 42, BEP 45).
struct DHTFamily: Sendable {
    let form: CompactForm
    var table: RoutingTable
    var peers: PeerStore
    var items: ItemStore
    var votes: AddressVotes
    var roundTrips = RoundTrips()
    /// Our own address in this family, as others see it.
    var externalAddress: IPAddress?
    /// The estimated number of nodes in the network; nil until a lookup has measured it.
    var networkSize: Double?
    /// The running search that fills the table.
    var refresh: SearchNumber?
    /// When an empty table is filled again, and the number of unsuccessful attempts.
    var nextBootstrap: Instant
    var bootstrapCount = 0
    /// The start of the samples in the store (BEP 51), and until when they stay the same.
    var sampleStart = 0
    var sampleEnd: Instant

    init(_ form: CompactForm, own: NodeID, limits: DHTLimits, at now: Instant) {
        self.form = form
        table = RoutingTable(own: own, limits: limits, at: now)
        peers = PeerStore(limits: limits)
        items = ItemStore(limits: limits)
        votes = AddressVotes(needed: limits.addressVotes)
        nextBootstrap = now
        sampleEnd = now
    }

    var own: NodeID { table.own }

    /// Updates the estimated network size from a finished lookup.
    mutating func noteNetworkSize(of lookup: Lookup) {
        guard let size = lookup.estimatedNetworkSize else { return }
        networkSize = networkSize.map { 0.9 * $0 + 0.1 * size } ?? size
    }

    /// Changes the id, and sorts the known nodes by it.
    mutating func move(to own: NodeID, limits: DHTLimits, at now: Instant) {
        var moved = RoutingTable(own: own, limits: limits, at: now)
        for node in table.nodes where !node.isBad(limits) {
            moved.handleAnswer(of: node.contact, after: node.roundTrip, at: node.answered)
        }
        table = moved
        bootstrapCount = 0
        nextBootstrap = now
    }
}
