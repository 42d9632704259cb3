// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheWire

/// The options of one torrent.
public struct AddOptions: Sendable {
    /// The folder of its files; nil for the session's folder.
    public var folder: String?
    /// Seed existing data, and never change it.
    public var isReadOnly = false
    /// Allocate the space of files on the disk at once.
    public var isPreallocated = false
    /// Overwrite existing files that are not the torrent's. Without this the torrent fails with
    /// `StorageError.Code.occupied`, and they are left unchanged.
    public var overwritesFiles = false
    /// Creates a store to keep the pieces in instead of files, once the metadata is known; called on a pool thread each
    /// time the content is opened. The store manages its own resume state: see `StoreAbilities.vouching`. A torrent
    /// with its own store is not remembered by its session.
    public var makeStore: (@Sendable (TorrentInfo) throws(StorageError) -> any PieceStore)?
    /// Creates a verifier of pieces to use instead of the torrent's hashes; called on a pool thread or in a task when
    /// the content is opened, and again when more piece layers are known. A torrent with its own verifier is not
    /// remembered by its session.
    public var makeVerifier: (@Sendable (TorrentInfo, PieceLayers) -> any PieceVerifier)?
    /// File priorities by index in `TorrentInfo.files`; the others are normal.
    public var filePriorities: [Int: FetchPriority] = [:]
    /// Only these files, by path below the folder, with or without the torrent's name first. Empty for all.
    public var onlyPaths: [String] = []
    /// The order in which pieces are downloaded. A torrent with an app's own order is not remembered by its session.
    public var order = FetchOrder.rarestFirst
    /// The peers that may download from us; nil for the session's policies. A torrent with its own policies is not
    /// remembered by its session.
    public var unchoking: UnchokePolicies?
    /// The first peers to try.
    public var peers: [PeerEndpoint] = []
    /// Additional trackers, in one tier.
    public var trackers: [String] = []
    /// Additional sources of peers. A torrent that has any is not remembered by its session.
    public var sources: [any PeerSource] = []
    /// Whether to download from the HTTP servers that the torrent names, too (BEP 19).
    public var usesWebSeeds = true
    /// Whether to show each peer one piece at a time, to seed with as little upload as possible (BEP 16).
    public var isSuperSeeding = false
    /// Whether to add it without starting it; `resume()` does.
    public var isPaused = false
    /// Whether to verify everything, whatever the resume state says.
    public var isRechecked = false

    /// Creates the default options.
    public init() {}
}
