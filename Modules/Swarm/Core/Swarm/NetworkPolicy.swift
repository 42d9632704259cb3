// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a session allows its swarms on the network.
package struct NetworkPolicy: Sendable {
    /// Addresses that are never dialled.
    package var blocked = BlockedAddresses()
    /// Whether peers tell each other about peers (BEP 11).
    package var usesPeerExchange = true

    /// Whether peers behind NATs are met with the help of others (BEP 55). Needs a driver that can dial over uTP alone.
    package var punchesHoles = false

    /// Allows everything that each driver can do.
    package init() {}
}
