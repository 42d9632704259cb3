// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// How a torrent was added to the session, until it is known well enough that its catalogue entry contains everything.
final class TorrentBeginning: Sendable {
    let origin: TorrentOrigin
    let options: AddOptions

    init(_ origin: TorrentOrigin, _ options: AddOptions) {
        self.origin = origin
        self.options = options
    }
}

extension CatalogueEntry {
    init(_ origin: TorrentOrigin, _ options: AddOptions) {
        self.init(hashes: origin.hashes, name: origin.name)
        folder = options.folder
        magnet = origin.magnet
        trackers = origin.trackers + (options.trackers.isEmpty ? [] : [options.trackers])
        filePriorities = options.filePriorities.mapValues(\.rawValue)
        onlyPaths = options.onlyPaths
        pieceCount = origin.metainfo?.info.geometry.pieceCount ?? 0
        for (isSet, flag) in [
            (options.isPaused, Flags.paused), (options.isReadOnly, .readOnly), (options.isSuperSeeding, .superSeeding),
            (options.order.isInOrder, .inOrder), (options.isPreallocated, .preallocated),
            (!options.usesWebSeeds, .withoutWebSeeds), (options.overwritesFiles, .overwritesFiles),
            (origin.metainfo?.info.isPrivate == false, .public),
        ] where isSet { flags.insert(flag) }
    }
}

extension AddOptions {
    /// The options in an entry. Trackers are part of the origin.
    init(_ entry: CatalogueEntry) {
        self.init()
        folder = entry.folder
        isPaused = entry.flags.contains(.paused)
        isReadOnly = entry.flags.contains(.readOnly)
        isSuperSeeding = entry.flags.contains(.superSeeding)
        isPreallocated = entry.flags.contains(.preallocated)
        overwritesFiles = entry.flags.contains(.overwritesFiles)
        usesWebSeeds = !entry.flags.contains(.withoutWebSeeds)
        order = entry.flags.contains(.inOrder) ? .inOrder : .rarestFirst
        filePriorities = entry.filePriorities.compactMapValues(FetchPriority.init(rawValue:))
        onlyPaths = entry.onlyPaths
    }

    /// Whether an entry can contain everything: code cannot be stored.
    var canBeRemembered: Bool {
        makeStore == nil && makeVerifier == nil && sources.isEmpty && unchoking == nil && order.own == nil
    }
}
