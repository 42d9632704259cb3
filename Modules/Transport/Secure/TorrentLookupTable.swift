// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
internal import Synchronization

/// Maps the lookup keys that encrypted strangers send to our info-hashes, for `PeerListener.Options.findTorrent`.
///
/// Owner: the session, which keeps it in step with its swarms. Safe to use from any thread.
public final class TorrentLookupTable: Sendable {
    private let infoHashes = Mutex<[SHA1Digest: SHA1Digest]>([:])

    /// Creates an empty table.
    public init() {}

    /// Lets strangers find the swarm of `infoHash` (v1, or v2 truncated to 20 bytes).
    public func insert(_ infoHash: SHA1Digest) {
        infoHashes.withLock { $0[MSEHandshake.lookupKey(for: infoHash)] = infoHash }
    }

    /// Removes `infoHash`.
    public func remove(_ infoHash: SHA1Digest) {
        infoHashes.withLock { $0[MSEHandshake.lookupKey(for: infoHash)] = nil }
    }

    /// Returns our info-hash with that `MSEHandshake.lookupKey(for:)`, if there is one.
    public func infoHash(forLookupKey lookupKey: SHA1Digest) -> SHA1Digest? {
        infoHashes.withLock { $0[lookupKey] }
    }
}
