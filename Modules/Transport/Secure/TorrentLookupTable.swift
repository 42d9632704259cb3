// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
internal import RucheWire

/// Maps the lookup keys that encrypted strangers send to our info-hashes, for `PeerListener.Options.findTorrent`.
///
/// Owner: the session, which keeps it in step with its swarms. Safe to use from any thread.
package final class TorrentLookupTable: Sendable {
    private let infoHashes = Locked<[SHA1Digest: SHA1Digest]>([:])

    /// Creates an empty table.
    package init() {}

    /// Lets strangers find the swarm of `infoHash` (v1, or v2 truncated to 20 bytes).
    package func insert(_ infoHash: SHA1Digest) {
        infoHashes.withLock { $0[MSEHandshake.lookupKey(for: infoHash)] = infoHash }
    }

    /// Removes `infoHash`.
    package func remove(_ infoHash: SHA1Digest) {
        infoHashes.withLock { $0[MSEHandshake.lookupKey(for: infoHash)] = nil }
    }

    /// Returns our info-hash with that `MSEHandshake.lookupKey(for:)`, if there is one.
    package func infoHash(forLookupKey lookupKey: SHA1Digest) -> SHA1Digest? {
        infoHashes.withLock { $0[lookupKey] }
    }
}
