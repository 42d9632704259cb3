// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What a torrent is doing.
public enum TorrentState: Hashable, Sendable {
    /// It came by a magnet, and its metadata is still to come from peers.
    case fetchingMetadata
    /// What is on the disk is being verified; the share that is done, 0...1.
    case checking(Double)
    /// It waits for its turn.
    case queued
    /// Something is missing and being looked for.
    case downloading
    /// All that is wanted is here, and others may have it.
    case seeding
    /// The user has stopped it.
    case paused
    /// The disk has stood in the way for some time, or the torrent cannot be opened. That is tried again, now and then, for as
    /// long as it takes: the torrent goes on by itself once the cause is gone. While only writing fails, what is here is
    /// still shared.
    case suspended(TorrentError)
    /// It cannot go on before the user does something about it, and resumes it. Other torrents go on.
    case failed(TorrentError)
}

/// A torrent at one moment. Rates are over the last seconds.
public struct TorrentStatus: Sendable {
    /// What it is doing.
    public var state: TorrentState
    /// Its name; for a magnet without one, the info-hash.
    public var name: String
    /// Pieces that are verified and stored; nil before the metadata is known.
    public var pieces: Bitfield?
    /// Pieces of which something is on its way.
    public var openPieceCount = 0
    /// Bytes of wanted files, padding not counted, that are verified and stored.
    public var doneBytes = 0
    /// Bytes of wanted files, padding not counted.
    public var totalBytes = 0
    /// Blocks, from all peers; bytes per second.
    public var downloadRate = 0.0
    /// Blocks, to all peers; bytes per second.
    public var uploadRate = 0.0
    /// Blocks that came, since the torrent was added to this session; bytes.
    public var downloadedBytes = 0
    /// Blocks that went out; bytes.
    public var uploadedBytes = 0
    /// Blocks that came and were of no use; bytes.
    public var wastedBytes = 0
    /// Whole copies of the torrent among the connected peers, and the share of a further one.
    public var distributedCopies = 0.0
    /// Everybody who is connected.
    public var peers: [PeerStatus] = []

    /// A torrent of which only the name is known.
    public init(state: TorrentState, name: String) {
        self.state = state
        self.name = name
    }

    /// Share of the wanted bytes that is here, 0...1.
    public var progress: Double { totalBytes == 0 ? (pieces == nil ? 0 : 1) : Double(doneBytes) / Double(totalBytes) }

    /// All that is wanted is here and verified, whether it is shared or not.
    public var isComplete: Bool {
        switch state {
        case .seeding: true
        case .paused, .queued: pieces != nil && doneBytes == totalBytes
        case .fetchingMetadata, .checking, .downloading, .suspended, .failed: false
        }
    }

    /// Until all is here at the present rate; nil while nothing comes. Seconds.
    public var secondsLeft: Double? {
        downloadRate > 1 ? Double(totalBytes - doneBytes) / downloadRate : nil
    }

    /// Connected peers that have everything.
    public var seedCount: Int { peers.count { $0.progress >= 1 } }
}

/// One connected peer at one moment.
public struct PeerStatus: Hashable, Sendable {
    /// Where it is.
    public var endpoint: PeerEndpoint
    /// What it calls itself.
    public var client: String
    /// It came to us.
    public var isIncoming: Bool
    /// The connection is encrypted.
    public var isEncrypted: Bool
    /// Share of the pieces that it has, 0...1.
    public var progress: Double
    /// From it to us; bytes per second.
    public var downloadRate: Double
    /// From us to it; bytes per second.
    public var uploadRate: Double
    /// It does not let us download.
    public var chokesUs: Bool
    /// We do not let it download.
    public var isChoked: Bool
    /// We want something from it.
    public var weAreInterested: Bool
    /// It wants something from us.
    public var isInterested: Bool
    /// Requests that it owes us.
    public var requestCount: Int
}
