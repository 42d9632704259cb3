// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// How connections start (BEP 3), and under which info-hash they continue (BEP 52).
extension SwarmCore {
    /// Returns the first bytes on a connection that we have dialled for `infoHash`.
    package func makeHandshake(for infoHash: SHA1Digest) -> Handshake {
        var capabilities: Handshake.Capabilities = [.fast, .extended]
        if identity.hashes.v1 != nil, identity.hashes.v2 != nil { capabilities.insert(.v2Upgrade) }
        if namesDHTNode { capabilities.insert(.dht) }
        return Handshake(capabilities: capabilities, infoHash: infoHash, peerID: identity.peerID)
    }

    /// Returns whether our peer id is sent to `endpoint`, which we have dialled, only after the other side's: a
    /// connection holds the endpoint, and if it is the same peer, that connection must continue on both sides.
    package func withholdsID(from endpoint: PeerEndpoint) -> Bool { connections.list.isHeldByAnother(endpoint) }

    /// Returns our answer to a peer that dialled us; nil if its info-hash is not ours. It does not wait for the peer's
    /// id, which some peers send only after our answer.
    package func makeAnswer(to preamble: Handshake.Preamble) -> Handshake? {
        answeredHash(of: preamble.infoHash, preamble.capabilities).map { makeHandshake(for: $0) }
    }

    /// Returns whether a connection is for the v2 info-hash after `handshake`.
    package func speaksV2(after handshake: Handshake, isIncoming: Bool) -> Bool {
        guard let v2 = identity.hashes.v2?.truncated else { return false }
        guard isIncoming else { return handshake.infoHash == v2 }
        return answeredHash(of: handshake.infoHash, handshake.capabilities) == v2
    }

    /// A v1 handshake for a hybrid may be answered with the v2 hash, which upgrades the connection (BEP 52).
    private func answeredHash(of infoHash: SHA1Digest, _ capabilities: Handshake.Capabilities) -> SHA1Digest? {
        guard identity.hashes.wireHashes.contains(infoHash) else { return nil }
        guard let v2 = identity.hashes.v2, capabilities.contains(.v2Upgrade) else { return infoHash }
        return v2.truncated
    }
}
