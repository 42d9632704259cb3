// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// BEP 40: an order of peers on which both ends of a connection agree.
package enum CanonicalPriority {
    /// CRC32-C of both addresses, masked and sorted; of both ports where the addresses are equal. Higher is dialled first. Zero for
    /// addresses of different families.
    package static func priority(_ a: PeerEndpoint, _ b: PeerEndpoint) -> UInt32 { 0 }
}
