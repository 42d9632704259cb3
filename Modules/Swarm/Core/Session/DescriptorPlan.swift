// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport

/// Divides the file descriptors that a session may have, so that what is allowed never needs more than there are.
///
/// Two fifths are for connections, two for active torrents, one for unidentified incoming connections and running
/// dials. Each active torrent has its journal, its folder and a few files open. Work that gets `EMFILE` nevertheless is
/// done later. But no session starts with fewer than `fewest`: NIO ends the process if a loop gets no descriptor, and
/// so does libdispatch, which reads `/proc` at any time.
package struct DescriptorPlan: Sendable {
    /// For standard streams, listening sockets, trackers, web seeds and the rest of the program.
    private static let reservedForAll = 90
    /// What there is to divide at least.
    private static let fewestFree = 32
    /// The journal and the folder.
    private static let perTorrent = 2
    /// The files per torrent before fewer torrents are woken instead.
    private static let usualFiles = 6

    /// Connected peers of the session.
    package let connections: Int
    /// Incoming connections that have not named a torrent yet.
    package let strangers: Int
    /// Running dials.
    package let dials: Int
    /// Torrents that incoming connections may keep awake.
    package let awakeTorrents: Int
    /// Files that one torrent keeps open.
    package let openFilesPerTorrent: Int

    /// Creates a plan. `descriptors` is the number that the process may have, `fewest` at least. The plan never exceeds
    /// `wanted`.
    package init(descriptors: Int, loopCount: Int, wanted: Wanted) {
        let free = max(Self.fewestFree, descriptors - Self.reserved(loopCount: loopCount))
        connections = min(wanted.connections, free * 2 / 5)
        strangers = min(wanted.strangers, max(8, free / 10))
        dials = min(wanted.dials, max(4, free / 10))
        let forTorrents = free * 2 / 5
        awakeTorrents = min(wanted.awakeTorrents, forTorrents / (Self.perTorrent + Self.usualFiles))
        // The torrents that the user runs are awake as well.
        let torrents = max(1, awakeTorrents + wanted.userTorrents)
        openFilesPerTorrent = min(wanted.openFilesPerTorrent, max(1, forTorrents / torrents - Self.perTorrent))
    }

    /// Returns what is not divided.
    static func reserved(loopCount: Int) -> Int { reservedForAll + TransportRuntime.descriptorsPerLoop * loopCount }

    /// Returns the number of descriptors without which a session does not start.
    package static func fewest(loopCount: Int) -> Int { reserved(loopCount: loopCount) + fewestFree }

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
