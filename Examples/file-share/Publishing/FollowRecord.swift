// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheDHT
import RucheWire

/// What a follower remembers between two runs: the version that is installed, and the one that was being installed.
///
/// It is kept in the download folder, in `.ruche/follow`: a list, and the installed version's .torrent file.
final class FollowRecord: @unchecked Sendable {  // used by one task at a time
    private struct Content: Codable {
        /// The highest version that was accepted; -1 before the first.
        var sequence: Int64 = -1
        /// The version that is installed, if one is.
        var installed: Int64?
        /// The info-hash of the version that was started and not finished.
        var pending: String?
    }

    private let path: String
    private var content: Content

    /// Reads the record of `publisher` in `folder`, or starts one.
    init(_ publisher: PublisherLink, folder: String) throws {
        let place = URL(filePath: folder).appending(path: ".ruche/follow")
        let name = "\(SHA1.hash(publisher.author.bytes + publisher.salt))"
        do {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure("cannot create \(place.path(percentEncoded: false)): \(error.localizedDescription)")
        }
        path = place.appending(path: name).path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path + ".json") else {
            content = Content()
            return
        }
        guard let known = try? JSONDecoder().decode(Content.self, from: data) else {
            // Without it an older version could be installed over a newer one.
            throw CommandFailure("\(path).json is damaged; remove it to start again")
        }
        content = known
    }

    /// The highest version that was accepted; -1 before the first.
    var sequence: Int64 { content.sequence }

    /// Whether an update was started and not finished: the files are then partly of one version, partly of another.
    var isPending: Bool { content.pending != nil }

    /// The torrent of the installed version, if one is installed.
    var installed: Metainfo? {
        guard content.installed != nil, let bytes = try? TorrentSource.readBytes(path + ".torrent") else { return nil }
        return try? MetainfoParser.parse(bytes)
    }

    /// Records that a version is being installed.
    func begin(_ publication: Publication) throws {
        content.sequence = publication.sequence
        content.pending = "\(publication.infoHash)"
        try save()
    }

    /// Records that a version is installed.
    func finish(_ publication: Publication, _ metainfo: Metainfo) throws {
        try write(Data(metainfo.encoded()), to: path + ".torrent")
        content.installed = publication.sequence
        content.pending = nil
        try save()
    }

    /// The highest version that need not be searched for: the one before the wanted version when the record was last
    /// written.
    var latest: Int64 { isPending ? content.sequence - 1 : content.sequence }

    private func save() throws { try write(try JSONEncoder().encode(content), to: path + ".json") }

    private func write(_ data: Data, to path: String) throws {
        do {
            try data.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandFailure("cannot write \(path): \(error.localizedDescription)")
        }
    }
}
