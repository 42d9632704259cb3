// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// The last known state of an active torrent. Owner: its lifecycle.
final class TorrentSnapshot: Sendable {
    private let contents: Locked<Contents>

    private struct Contents {
        var status: TorrentStatus
        var metainfo: Metainfo?
    }

    init(_ status: TorrentStatus, _ metainfo: Metainfo?) {
        contents = Locked(Contents(status: status, metainfo: metainfo))
    }

    var status: TorrentStatus {
        get { contents.withLock { $0.status } }
        set { contents.withLock { $0.status = newValue } }
    }

    var metainfo: Metainfo? {
        get { contents.withLock { $0.metainfo } }
        set { contents.withLock { $0.metainfo = newValue } }
    }
}

/// Bytes of blocks since a torrent was added to its session, up to when it last woke.
struct CarriedTotals: Sendable {
    var downloadedBytes = 0
    var uploadedBytes = 0
    var wastedBytes = 0
}

extension TorrentStatus {
    /// The status of a torrent that has not been opened.
    init(dormant entry: CatalogueEntry, _ carried: CarriedTotals, failure: TorrentState?) {
        let isComplete = entry.flags.contains(.complete)
        let state: TorrentState =
            if let failure { failure } else if entry.flags.contains(.paused), isComplete {
                .paused
            } else if isComplete {
                .seeding
            } else { .queued }
        self.init(state: state, name: entry.name)
        totalBytes = entry.totalBytes
        downloadedBytes = carried.downloadedBytes
        uploadedBytes = carried.uploadedBytes
        wastedBytes = carried.wastedBytes
        guard isComplete else { return }
        doneBytes = totalBytes
        pieces = Bitfield(count: entry.pieceCount, allSet: true)
    }
}
