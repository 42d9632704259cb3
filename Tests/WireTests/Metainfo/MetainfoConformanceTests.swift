// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire
import Testing

/// Compares every torrent file in the conformance folder with the results of libtorrent 2.1.1.
///
/// `docs/CONFORMANCE.md` gives the reason for each listed difference.
@Suite(.enabled(if: ConformanceFolder.isHere, ConformanceFolder.isMissing))
struct MetainfoConformanceTests {
    /// Intended differences, as "file: field".
    private static let listedDifferences: Set<String> = [
        "bad_name.torrent: valid", "invalid_directory_name.torrent: files", "long_name.torrent: files",
        "long_name.torrent: name", "v2_invalid_filename2.torrent: files",
    ]

    @Test func agreesWithLibtorrentButForListedDifferences() throws {
        let folder = try ConformanceFolder.subfolder("torrents")
        let expectations = try Data(contentsOf: folder.appendingPathComponent("expected.json"))
        let verdicts = try JSONDecoder().decode([String: Verdict].self, from: expectations)
        #expect(verdicts.count >= 67)
        var differences: Set<String> = []
        for (file, verdict) in verdicts.sorted(by: { $0.key < $1.key }) {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
            for (field, detail) in Self.compare(bytes, with: verdict) {
                differences.insert("\(file): \(field)")
                guard !Self.listedDifferences.contains("\(file): \(field)") else { continue }
                Issue.record("\(file): \(field): \(detail)")
            }
        }
        #expect(Self.listedDifferences.subtracting(differences).isEmpty, "listed, but no longer different")
    }

    @Test func writesBackWhatItRead() throws {
        let folder = try ConformanceFolder.subfolder("torrents")
        var writtenCount = 0
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".torrent") {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
            guard let metainfo = try? MetainfoParser.parse(bytes) else { continue }
            let written = metainfo.encoded()
            let again = try MetainfoParser.parse(written)
            #expect(again.info.hashes == metainfo.info.hashes, "\(file)")
            #expect(again.info.bytes == metainfo.info.bytes, "\(file)")
            #expect(again.trackers == metainfo.trackers, "\(file)")
            #expect(again.pieceLayers == metainfo.pieceLayers, "\(file)")
            #expect(again.encoded() == written, "\(file)")
            writtenCount += 1
        }
        #expect(writtenCount >= 30)
    }

    private static func compare(_ bytes: [UInt8], with verdict: Verdict) -> [(field: String, detail: String)] {
        let metainfo: Metainfo
        do throws(MetainfoError) {
            metainfo = try MetainfoParser.parse(bytes)
        } catch {
            return verdict.valid ? [("valid", "\(error)")] : []
        }
        guard verdict.valid else { return [("valid", "accepted, where libtorrent says \(verdict.error ?? "")")] }
        var differences: [(String, String)] = []
        func check<T: Equatable>(_ field: String, _ ours: T, _ theirs: T) {
            if ours != theirs { differences.append((field, "\(ours), where libtorrent has \(theirs)")) }
        }
        let info = metainfo.info
        check("name", info.name, verdict.name)
        check("piece_length", info.geometry.pieceLength, verdict.piece_length)
        check("pieces", info.geometry.pieceCount, verdict.pieces)
        check("size", info.geometry.spaceSize, verdict.size)
        check("private", info.isPrivate, verdict.private)
        check("trackers", metainfo.trackers.flatMap(\.self), verdict.trackers)
        check("web_seeds", metainfo.webSeeds, verdict.web_seeds)
        check("v1", info.hashes.v1?.description, verdict.v1)
        check("v2", info.hashes.v2?.description, verdict.v2)
        check("files", info.files.map(Verdict.File.init), verdict.files)
        return differences
    }
}

/// One entry of `expected.json`, with its field names.
private struct Verdict: Decodable {
    struct File: Decodable, Equatable {
        var path: String
        var size: Int
        var pad: Bool?
        var exec: Bool?
        var symlink: String?

        init(_ entry: FileEntry) {
            path = entry.path.joined(separator: "/")
            size = entry.size
            pad = entry.isPadding ? true : nil
            exec = entry.isExecutable ? true : nil
            symlink = entry.symlinkTarget?.joined(separator: "/")
        }
    }

    var valid: Bool
    var error: String?
    var name: String?
    var piece_length: Int?
    var pieces: Int?
    var size: Int?
    var `private`: Bool?
    var trackers: [String]?
    var web_seeds: [String]?
    var v1: String?
    var v2: String?
    var files: [File]?
}
