// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A new connection, as the driver presents it to the core.
package struct PeerIntroduction {
    /// The other side.
    package let endpoint: PeerEndpoint
    /// The peer connected to us.
    package let isIncoming: Bool
    /// The handshake that it sent.
    package let handshake: Handshake
    /// The connection is for the v2 info-hash.
    package let speaksV2: Bool
    /// Our peer id has been sent. If not, the other side has not given up anything for this connection.
    package let isNamed: Bool
    /// The connection is over uTP.
    package let usesUTP: Bool
    /// Its number among the torrent's web seeds; nil for a peer.
    package let webSeed: Int?

    package init(
        endpoint: PeerEndpoint,
        isIncoming: Bool,
        handshake: Handshake,
        speaksV2: Bool,
        isNamed: Bool = true,
        usesUTP: Bool = false,
        webSeed: Int? = nil
    ) {
        self.endpoint = endpoint
        self.isIncoming = isIncoming
        self.handshake = handshake
        self.speaksV2 = speaksV2
        self.isNamed = isNamed
        self.usesUTP = usesUTP
        self.webSeed = webSeed
    }
}
