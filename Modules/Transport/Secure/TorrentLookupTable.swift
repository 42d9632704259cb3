// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
internal import Synchronization

/// Our info-hashes by what an encrypted stranger names them with, for `PeerListener.Options.findTorrent`.
///
/// Owner: the session, which keeps it in step with its swarms. May be asked from any thread.
public final class TorrentLookupTable: Sendable {
    private let infoHashes = Mutex<[SHA1Digest: SHA1Digest]>([:])

    /// No torrents yet.
    public init() {}

    /// Lets strangers find the swarm of `infoHash` (v1, or v2 cut to 20 bytes).
    public func insert(_ infoHash: SHA1Digest) {
        infoHashes.withLock { $0[MSEHandshake.lookupKey(for: infoHash)] = infoHash }
    }

    /// No longer.
    public func remove(_ infoHash: SHA1Digest) {
        infoHashes.withLock { $0[MSEHandshake.lookupKey(for: infoHash)] = nil }
    }

    /// The info-hash with that `MSEHandshake.lookupKey(for:)`, if it is one of ours.
    public func infoHash(forLookupKey lookupKey: SHA1Digest) -> SHA1Digest? {
        infoHashes.withLock { $0[lookupKey] }
    }
}
