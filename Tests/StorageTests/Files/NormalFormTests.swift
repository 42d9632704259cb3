// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire
import Synchronization
import Testing

@testable import RucheStorage

/// Two normal forms of a name are one `String` but two files.
@Suite struct NormalFormTests {
    private static let composed = "\u{e9}"
    private static let decomposed = "e\u{301}"
    private static let forms = [composed, decomposed]

    private let sandbox = Sandbox()

    private func bytes(_ texts: [String]) -> Set<[UInt8]> { Set(texts.map { Array($0.utf8) }) }

    @Test("Both folders are flushed, and both are removed")
    func folders() async throws {
        for name in Self.forms { try sandbox.put("src/\(name)/a", Array(name.utf8)) }
        var options = TorrentOptions()
        options.format = .v1
        let info = try await TorrentCreator(source: sandbox.at("src"), options: options).create().metainfo.info
        let store = try FileStore(info, in: sandbox.at("got"))
        let data = info.files.flatMap { Array(($0.folder.last ?? "").utf8) }
        try data.withUnsafeBytes { try store.write(piece: PieceIndex(0), offset: 0, chunks: [$0]) }
        let noted = store.state.withLock { $0.unflushed.folders }
        #expect(bytes(noted.compactMap(\.components.last)).isSuperset(of: bytes(Self.forms)))
        try store.removeData()
        #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.at("got")).isEmpty)
    }

    @Test("A link to the other form leads nowhere")
    func links() async throws {
        try sandbox.put("src/\(Self.composed)", [1])
        try sandbox.link("src/right", to: Self.composed)
        try sandbox.link("src/stray", to: Self.decomposed)
        var options = TorrentOptions()
        options.format = .v1
        options.unsupportedEntries = .skip
        let creator = TorrentCreator(source: sandbox.at("src"), options: options)
        let names = try await creator.create().metainfo.info.files.map(\.name)
        #expect(bytes(names) == bytes([Self.composed, "right"]))
    }

    @Test("The path of a link enters the other form's folder from outside")
    func relativePaths() {
        let path = FileStore.relativePath(from: [Self.composed], to: [Self.decomposed, "x"])
        #expect(Array(path.utf8) == Array("../\(Self.decomposed)/x".utf8))
    }

    @Test("A name that starts with a combining mark is split at the slash")
    func combiningMarks() {
        let (folder, name) = PathText.split("a/\u{301}b")
        #expect(folder == "a" && Array(name.utf8) == Array("\u{301}b".utf8))
    }

    @Test("The session's records of two torrents keep each one's form")
    func catalogue() throws {
        let entries = try Self.forms.enumerated().map { index, form in
            let digest = try #require(SHA1Digest(Array(repeating: UInt8(index), count: 20)))
            let hashes = try #require(InfoHashes(v1: digest, v2: nil))
            var entry = CatalogueEntry(hashes: hashes, name: form, flags: [])
            entry.folder = "/srv/\(form)"
            entry.trackers = [["http://a.example/\(form)"]]
            return entry
        }
        let first = try SessionCatalogue.open(in: sandbox.at("state"))
        for entry in entries { try first.catalogue.put(isNew: true) { entry } }
        try first.catalogue.close()
        let found = try SessionCatalogue.open(in: sandbox.at("state")).entries
        #expect(bytes(found.compactMap(\.folder)) == bytes(entries.compactMap(\.folder)))
        #expect(bytes(found.flatMap { $0.trackers[0] }) == bytes(entries.flatMap { $0.trackers[0] }))
    }

    @Test("A mark after the dot does not hide that a name is reserved")
    func reserved() async throws {
        try sandbox.put("src/a", [1])
        var options = TorrentOptions()
        options.format = .v1
        let info = try await TorrentCreator(source: sandbox.at("src"), options: options).create().metainfo.info
        let names = FileNames(info)
        #expect(names.isReserved(".\u{301}x.parts") && names.isReserved(".x.PARTS") && !names.isReserved("x.parts"))
    }
}
