// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Where a proxy is to connect to.
package enum ProxyTarget: Hashable, Sendable {
    /// An address, as dialled.
    case endpoint(PeerEndpoint)
    /// A name, which the proxy resolves.
    case name(String, port: UInt16)
}
