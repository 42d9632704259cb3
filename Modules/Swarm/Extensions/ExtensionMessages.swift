// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The app's access to an extension: its reports from all torrents of a session, and a way to send it commands.
///
/// Returned by `Session.extend(with:)`. It may be kept, and called from any thread.
public final class ExtensionMessages<Extension: PeerExtension>: Sendable {
    let kind = ExtensionKind(Extension.self)
    private let feed = EventFeed<ExtensionReport<Extension.Report>>(bufferLimit: max(1, Extension.limits.reportCount))

    init() {}

    /// The extension's reports from now on; ends when the session has been shut down. Each reader has its own stream. A
    /// reader that is `ExtensionLimits.reportCount` reports behind misses the oldest.
    public var reports: AsyncStream<ExtensionReport<Extension.Report>> { feed.subscribe() }

    /// Sends a command to the extension of `torrent`. A dormant torrent wakes for it. Returns once the extension has
    /// handled the command, which is before any peer has answered.
    ///
    /// - Throws: `TorrentError` if the torrent has been removed or its session shut down, or if its session does not have
    ///   this extension.
    public func send(_ command: Extension.Command, to torrent: Torrent) async throws(TorrentError) {
        let isThere: Bool
        do {
            isThere = try await torrent.withLifecycle { $0.driver.handleCommand(command, to: Extension.name) }
        } catch {
            throw TorrentError(error)
        }
        guard isThere else { throw TorrentError(.other, "the torrent's session has no extension \(Extension.name)") }
    }
}

/// A report from an extension.
public struct ExtensionReport<Report: Sendable>: Sendable {
    /// The torrent that the report is about.
    public let torrent: Torrent
    /// The report itself.
    public let report: Report
}

/// An extension of a session, independent of its type.
protocol SessionExtension: AnyObject, Sendable {
    var kind: ExtensionKind { get }
    /// Returns the function that receives the extension's reports from `torrent`.
    func makeReader(for torrent: Torrent) -> @Sendable (any Sendable) -> Void
    /// Ends all streams.
    func finish()
}

extension ExtensionMessages: SessionExtension {
    func makeReader(for torrent: Torrent) -> @Sendable (any Sendable) -> Void {
        { [weak torrent, feed] report in
            guard let torrent, let report = report as? Extension.Report else { return }
            feed.send(ExtensionReport(torrent: torrent, report: report))
        }
    }

    func finish() { feed.finish() }
}
