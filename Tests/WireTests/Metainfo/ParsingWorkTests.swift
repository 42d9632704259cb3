// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

private typealias Samples = MetainfoSamples

/// Parsing takes work in proportion to the bytes, whatever a stranger puts into them.
@Suite struct ParsingWorkTests {
    /// Torrents designed to be slow, as functions of their size.
    private static let torrents: [String: @Sendable (Int) -> BencodeValue] = [
        "names equal when shortened": { count in
            let long = String(repeating: "x", count: 1_100)
            return Samples.v1(files: (0..<count).map { Samples.file("\(long)\($0)") })
        },
        "one path for all": { count in Samples.v1(files: Array(repeating: Samples.file("a", "b"), count: count)) },
        "folders that are files": { count in
            Samples.v1(files: (0..<count).map { $0 % 2 == 0 ? Samples.file("a") : Samples.file("a", "b", "c") })
        },
        "many files in a deep folder": { count in
            let files = Dictionary(
                uniqueKeysWithValues: (0..<count).map { ("\($0)", Samples.treeFile(length: $0 == 0 ? 1 : 0)) }
            )
            let long = String(repeating: "d", count: 200)
            let deep = (0..<60).reduce(Samples.dictionary(files)) { inner, depth in
                Samples.dictionary(["\(long)\(depth)": inner])
            }
            return Samples.v2(tree: deep)
        },
        "alternation between a deep folder and one in it": { count in
            let files = Dictionary(
                uniqueKeysWithValues: (0..<count).map { index -> (String, BencodeValue) in
                    let file = Samples.treeFile(length: index == 0 ? 1 : 0)
                    return ("\(index)", index % 2 == 0 ? file : ["x": file])
                }
            )
            let long = String(repeating: "d", count: 200)
            let deep = (0..<55).reduce(Samples.dictionary(files)) { inner, _ in Samples.dictionary([long: inner]) }
            return Samples.v2(tree: deep)
        },
        "links in chains": { count in
            let links = (0..<min(count, 4_000)).map { Samples.link("l\($0)", to: "l\($0 + 1)") }
            return Samples.v1(files: [Samples.file("a")] + links)
        },
        "links through one long path": { count in
            let folders = Array(repeating: String(repeating: "d", count: 200), count: 30)
            let links = (0..<min(count, 4_000)).map { Samples.link("m\($0)", to: "l") }
            return Samples.v1(
                files: [
                    Samples.file(components: folders + ["a"]), Samples.link(components: ["l"], to: folders + ["a"]),
                ]
                    + links
            )
        },
    ]

    @Test(arguments: torrents.keys.sorted()) func isLinearInTheBytes(torrent: String) throws {
        let make = try #require(Self.torrents[torrent])
        for count in [500, 4_000] {
            let bytes = make(count).encoded
            let work = ParsingWork()
            let info = try MetainfoParser.parseInfo(bytes, work: work)
            #expect(Set(info.files.map(\.path)).count == info.files.count)
            #expect(work.byteCount <= 6 * bytes.count, "\(count) files of \(bytes.count) bytes")
        }
    }

    @Test func endsOnceTheResultIsNotNeeded() throws {
        let files = (0..<20_000).map { Samples.file("folder", "file \($0)", length: 1) }
        let bytes = Samples.v1(files: files).encoded
        let error = #expect(throws: MetainfoError.self) {
            try MetainfoParser.parseInfo(bytes, work: ParsingWork { true })
        }
        #expect(error?.code == .cancelled)
        #expect(throws: Never.self) { try MetainfoParser.parseInfo(bytes, work: ParsingWork { false }) }
    }

    @Test func aCancelledTaskParsesNothing() async throws {
        let bytes = Samples.v1(files: (0..<20_000).map { Samples.file("folder", "file \($0)", length: 1) }).encoded
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try MetainfoParser.parseInfo(bytes).files.count
        }
        task.cancel()
        let error = await #expect(throws: MetainfoError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func asManyFilesAsAllowedAreRead() throws {
        let limit = WireLimits.standard.metainfoFileCount
        var encoder = BencodeEncoder(capacity: 48 << 20)
        encoder.dictionary { info in
            info.key("files")
            info.list { list in
                for index in 0..<limit {
                    list.dictionary { file in
                        file.entry("attr", "x")
                        file.entry("length", 1)
                        file.key("path")
                        file.list { path in
                            path.string("d\(index / 1_000)")
                            path.string("\(index)")
                        }
                    }
                }
            }
            info.entry("name", "many")
            info.entry("piece length", 1 << 20)
            info.entry("pieces", [UInt8](repeating: 7, count: 20))
        }
        #expect(try MetainfoParser.parseInfo(encoder.bytes).files.count == limit)
    }

    @Test func foldersAreBoundedInDepthTimesNumber() throws {
        var limits = WireLimits.standard
        limits.metainfoFolderComponentCount = 10
        let few = Samples.v1(files: [Samples.file("a", "b", "c", "file")]).encoded
        #expect(throws: Never.self) { try MetainfoParser.parseInfo(few, limits: limits) }
        let many = Samples.v1(files: (0..<5).map { Samples.file("a", "b", "c\($0)", "file") }).encoded
        let error = #expect(throws: MetainfoError.self) { try MetainfoParser.parseInfo(many, limits: limits) }
        #expect(error?.code == .limit)
    }
}
