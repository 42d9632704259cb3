// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The activity of a torrent.
public enum TorrentState: Hashable, Sendable {
    /// It was added by a magnet link, and its metadata must still come from peers.
    case fetchingMetadata
    /// The data on the disk is being verified; the finished share, 0...1.
    case checking(Double)
    /// It waits for its turn.
    case queued
    /// Something is missing, and it looks for peers that have it.
    case downloading
    /// Everything that is wanted is stored and shared.
    case seeding
    /// The user has paused it.
    case paused
    /// The disk has failed for some time, or the torrent cannot be opened. This is retried for as long as it takes: the
    /// torrent continues by itself once the cause is gone. While only writing fails, stored data is still shared.
    case suspended(TorrentError)
    /// It cannot continue before the user does something about it, and resumes it. Other torrents continue.
    case failed(TorrentError)
}

/// The status of a torrent at one moment. Rates are averages over the last seconds.
public struct TorrentStatus: Sendable {
    /// Its activity.
    public var state: TorrentState
    /// Its name; the info-hash for a magnet link without a name.
    public var name: String
    /// Pieces that are verified and stored; nil before the metadata is known.
    public var pieces: Bitfield?
    /// The number of pieces in progress.
    public var openPieceCount = 0
    /// Bytes of wanted files, without padding, that are verified and stored.
    public var doneBytes = 0
    /// Bytes of wanted files, without padding.
    public var totalBytes = 0
    /// The download rate of blocks from all peers, in bytes per second.
    public var downloadRate = 0.0
    /// The upload rate of blocks to all peers, in bytes per second.
    public var uploadRate = 0.0
    /// Bytes of blocks received since the torrent was added to this session.
    public var downloadedBytes = 0
    /// Bytes of blocks sent since then.
    public var uploadedBytes = 0
    /// Bytes of blocks received since then that were useless.
    public var wastedBytes = 0
    /// Full copies of the torrent among the connected peers, and the share of another one.
    public var distributedCopies = 0.0
    /// The connected peers.
    public var peers: [PeerStatus] = []

    /// Creates the status of a torrent of which only the name is known.
    package init(state: TorrentState, name: String) {
        self.state = state
        self.name = name
    }

    /// The share of the wanted bytes that are stored, 0...1.
    public var progress: Double { totalBytes == 0 ? (pieces == nil ? 0 : 1) : Double(doneBytes) / Double(totalBytes) }

    /// Whether everything that is wanted is stored and verified, shared or not.
    public var isComplete: Bool {
        switch state {
        case .seeding: true
        case .paused, .queued: pieces != nil && doneBytes == totalBytes
        case .fetchingMetadata, .checking, .downloading, .suspended, .failed: false
        }
    }

    /// The seconds until everything is stored at the present rate; nil while nothing arrives.
    public var secondsLeft: Double? {
        downloadRate > 1 ? Double(totalBytes - doneBytes) / downloadRate : nil
    }

    /// The number of connected peers that have everything.
    public var seedCount: Int { peers.count { $0.progress >= 1 } }
}

/// One connected peer at one moment.
public struct PeerStatus: Hashable, Sendable {
    /// Its address and port.
    public var endpoint: PeerEndpoint
    /// The name and version that it gives itself.
    public var client: String
    /// The peer connected to us.
    public var isIncoming: Bool
    /// The connection is encrypted.
    public var isEncrypted: Bool
    /// The share of the pieces that it has, 0...1.
    public var progress: Double
    /// The rate from the peer to us in bytes per second.
    public var downloadRate: Double
    /// The rate from us to the peer in bytes per second.
    public var uploadRate: Double
    /// The peer is choking us.
    public var chokesUs: Bool
    /// We are choking the peer.
    public var isChoked: Bool
    /// We are interested in its pieces.
    public var weAreInterested: Bool
    /// The peer is interested in our pieces.
    public var isInterested: Bool
    /// The number of outstanding requests to it.
    public var requestCount: Int
}
