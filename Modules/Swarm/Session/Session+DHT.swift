// SPDX-License-Identifier: Apache-2.0

public import RucheDHT

extension Session {
    /// The session's node of the distributed hash table, to read and write items with. Nil if
    /// `SessionConfiguration.usesDHT` is false, and if the session is bound to this machine and `dhtBootstrap` names no
    /// nodes.
    ///
    /// The session closes the node when it shuts down.
    public var dht: DHTNode? { reach.dht?.node }
}
