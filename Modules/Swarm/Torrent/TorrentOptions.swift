// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheWire

/// How much a file is wanted.
public enum FilePriority: UInt8, Hashable, Sendable, CaseIterable {
    /// Not at all.
    case skip
    /// When nothing else is left.
    case low
    /// As usual.
    case normal
    /// Before the others.
    case high
}

/// In which order pieces are fetched.
public enum FetchOrder: Hashable, Sendable {
    /// Those that the fewest peers have: best for the swarm.
    case rarestFirst
    /// From the first to the last, for a reader that does not wait.
    case inOrder
}

/// How one torrent is to be treated.
public struct AddOptions: Sendable {
    /// Where its files go; nil: the session's folder.
    public var folder: String?
    /// Seed what is there, and never change it.
    public var isReadOnly = false
    /// Take the files' room on the disk at once.
    public var isPreallocated = false
    /// Take the place of files that are there already and are not the torrent's. Without this the torrent fails with
    /// `StorageError.Code.occupied`, and they are left as they are.
    public var overwritesFiles = false
    /// Makes a store to keep the pieces in instead of files, once the metadata is known; called on a pool thread each time the
    /// content is opened. Resume state is the store's own business: see `StoreAbilities.vouching`. A torrent that has a store
    /// of its own is not remembered by its session.
    public var makeStore: (@Sendable (TorrentInfo) throws(StorageError) -> any PieceStore)?
    /// Makes what tells whether pieces are right, instead of the torrent's hashes; called on a pool thread or in a task when
    /// the content is opened, and again when more piece layers are known. A torrent that has a verifier of its own is not
    /// remembered by its session.
    public var makeVerifier: (@Sendable (TorrentInfo, PieceLayers) -> any PieceVerifier)?
    /// By index in `TorrentInfo.files`; what is not named is normal.
    public var filePriorities: [Int: FilePriority] = [:]
    /// Only these files, by path below the folder, torrent's name first or left out. Empty: all.
    public var onlyPaths: [String] = []
    /// In which order pieces are fetched.
    public var order = FetchOrder.rarestFirst
    /// Peers to begin with.
    public var peers: [PeerEndpoint] = []
    /// Further trackers, one tier.
    public var trackers: [String] = []
    /// Further sources of peers, beside the session's. A torrent that has some is not remembered by its session.
    public var sources: [any PeerSource] = []
    /// Fetch from the HTTP servers that the torrent names, too (BEP 19).
    public var usesWebSeeds = true
    /// Show each peer one piece at a time, to seed with as little upload as possible (BEP 16).
    public var isSuperSeeding = false
    /// Only note it; start by `resume()`.
    public var isPaused = false
    /// Verify everything, whatever the resume state says.
    public var isRechecked = false

    /// The defaults.
    public init() {}
}
