// SPDX-License-Identifier: Apache-2.0

/// Which peers to unchoke and which to choke. All others stay as they are.
package struct ChokeDecisions: Hashable, Sendable {
    /// Peers to unchoke.
    package var unchoke: [PeerSlot] = []
    /// Peers to choke.
    package var choke: [PeerSlot] = []

    /// Creates decisions that change nothing.
    package init() {}
}
