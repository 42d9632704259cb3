// SPDX-License-Identifier: Apache-2.0

/// Shares out the file descriptors that a session may have, so that what is allowed never needs more than there are.
///
/// Two parts in five are for connections, two for torrents that are awake, one for strangers and for dials under way. Each
/// awake torrent has its journal, its folder and a few files open. Every share has a floor: with very few descriptors some
/// work meets `EMFILE`, which is taken as "not now" everywhere.
package struct DescriptorPlan: Sendable {
    /// Threads' own, standard streams, listening sockets, trackers, web seeds and what else the program has.
    static let reserved = 96
    /// Journal and folder.
    private static let perTorrent = 2
    /// What a torrent is given in files before fewer torrents are woken instead.
    private static let usualFiles = 6

    /// Connected peers of the session.
    package let connections: Int
    /// Strangers that have not named a torrent yet.
    package let strangers: Int
    /// Dials under way.
    package let dials: Int
    /// Torrents that strangers may have awake.
    package let awakeTorrents: Int
    /// Files that one torrent keeps open.
    package let openFilesPerTorrent: Int

    /// `descriptors`: as many as the process may have. The plan never exceeds what is `wanted`.
    package init(descriptors: Int, wanted: Wanted) {
        let free = max(64, descriptors - Self.reserved)
        connections = min(wanted.connections, free * 2 / 5)
        strangers = min(wanted.strangers, max(8, free / 10))
        dials = min(wanted.dials, max(4, free / 10))
        let forTorrents = free * 2 / 5
        awakeTorrents = min(wanted.awakeTorrents, forTorrents / (Self.perTorrent + Self.usualFiles))
        // Those that the user runs are awake besides.
        let torrents = max(1, awakeTorrents + wanted.userTorrents)
        openFilesPerTorrent = min(wanted.openFilesPerTorrent, max(1, forTorrents / torrents - Self.perTorrent))
    }

    /// What the limits would allow.
    package struct Wanted: Sendable {
        package var connections: Int
        package var strangers: Int
        package var dials: Int
        package var awakeTorrents: Int
        package var userTorrents: Int
        package var openFilesPerTorrent: Int

        package init(
            connections: Int,
            strangers: Int,
            dials: Int,
            awakeTorrents: Int,
            userTorrents: Int,
            openFilesPerTorrent: Int
        ) {
            self.connections = connections
            self.strangers = strangers
            self.dials = dials
            self.awakeTorrents = awakeTorrents
            self.userTorrents = userTorrents
            self.openFilesPerTorrent = openFilesPerTorrent
        }
    }
}
