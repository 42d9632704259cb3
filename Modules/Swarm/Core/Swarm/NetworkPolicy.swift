// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a session allows its swarms on the network.
package struct NetworkPolicy: Sendable {
    /// Addresses that are never dialled.
    package var blocked = BlockedAddresses()
    /// Whether peers tell each other about peers (BEP 11).
    package var usesPeerExchange = true

    /// Allows everything.
    package init() {}
}
