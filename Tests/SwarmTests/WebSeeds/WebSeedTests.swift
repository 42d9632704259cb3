// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheTesting
import RucheTrackers
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Web seeds")
struct WebSeedTests {
    @Test("Adjacent blocks are requested together, up to a limit, in whatever order they were asked for")
    func runs() {
        var queue = WebSeedQueue(pieceLength: 2 * Block.byteCount)
        func block(_ number: UInt32) -> BlockRequest {
            let size = UInt32(Block.byteCount)
            return BlockRequest(piece: PieceIndex(Int(number / 2)), offset: number % 2 * size, length: size)
        }
        for number in [4, 9, 5, 1, 6, 7] as [UInt32] { queue.append(block(number)) }
        let removed = (queue.remove(block(1)), queue.remove(block(1)))
        #expect(removed == (true, false))
        let first = queue.nextRun(upTo: 3 * Block.byteCount)
        #expect(first?.blocks == [4, 5, 6].map(block))
        #expect(first?.range == 4 * Block.byteCount..<7 * Block.byteCount)
        let rest = (0..<3).map { _ in queue.nextRun(upTo: 1)?.blocks }
        #expect(rest == [[block(9)], [block(7)], nil] && queue.isEmpty)
    }

    @Test("Files have URLs below a folder, and a single file may have one of its own")
    func urls() throws {
        let many = WebSeedFiles(
            try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [10_000, 30_000], seed: 1).info
        )
        #expect(many.url(of: 1, at: "http://h/a/") == many.url(of: 1, at: "http://h/a"))
        #expect(many.url(of: 1, at: "http://h/a").split(separator: "/").count == 5)
        #expect(many.parts(of: 9_000..<11_000).map(\.count) == [1_000, 1_000])
        #expect(many.size(of: 1) == 30_000)
        let one = WebSeedFiles(try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [10_000], seed: 1).info)
        #expect(one.url(of: 0, at: "http://h/x.iso") == "http://h/x.iso")
        #expect(one.url(of: 0, at: "http://h/").hasPrefix("http://h/") && one.url(of: 0, at: "http://h/").count > 9)
    }

    @Test("A name that would leave its folder is replaced, and every other one is encoded byte by byte")
    func hostileNames() throws {
        let paths = ["..", "a/b", "a?b #%\u{e9}"].map { name in
            BencodeValue.dictionary([Array("length".utf8): 1, Array("path".utf8): .list([.text(name)])])
        }
        let info = BencodeValue.dictionary([
            Array("files".utf8): .list(paths), Array("name".utf8): "t", Array("piece length".utf8): 16_384,
            Array("pieces".utf8): .string([UInt8](repeating: 7, count: 20)),
        ])
        let files = WebSeedFiles(try MetainfoParser.parseInfo(info.encoded))
        let urls = (0..<3).map { files.url(of: $0, at: "http://h/x/").lowercased() }
        #expect(urls == ["http://h/x/t/_", "http://h/x/t/ab", "http://h/x/t/a%3fb%20%23%25%c3%a9"])
    }

    @Test("A host without a path is a folder, even for a single file")
    func hostOnly() throws {
        let one = WebSeedFiles(try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [10_000], seed: 1).info)
        #expect(one.url(of: 0, at: "http://u:p@h:80") == one.url(of: 0, at: "http://u:p@h:80/"))
    }

    @Test("An excluded file excludes its pieces, and no others")
    func struckFiles() throws {
        let sizes = [20_000, 0, 16_384, 60_000]
        let files = WebSeedFiles(try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: sizes, seed: 1).info)
        #expect(files.pieces(without: []).isComplete)
        #expect(files.pieces(without: [1, 99]).isComplete)
        let rest = files.pieces(without: [2])
        #expect((0..<6).map { rest[PieceIndex($0)] } == [true, false, false, true, true, true])
        #expect(files.pieces(without: [0, 2, 3]).isEmpty)
    }

    @Test("A file's fault excludes the file; a server's delays its next request, longer each time or as it asks")
    func standing() {
        var standing = WebSeedStanding()
        let start = Instant.zero + .minutes(5)
        standing.handleFailure(.strikeOutFile, ofFile: 3, at: start)
        #expect(standing.struckFiles == [3] && standing.mayConnectAt == start && !standing.isGivenUp)
        var pauses: [Interval] = []
        for _ in 0..<12 {
            standing.handleFailure(.pause(atLeast: nil), ofFile: 0, at: start)
            pauses.append(standing.mayConnectAt - start)
        }
        #expect(pauses.prefix(3) == [.seconds(5), .seconds(10), .seconds(20)] && pauses.last == .minutes(10))
        standing.handleSuccess(ofFiles: [1])
        standing.handleFailure(.pause(atLeast: .seconds(77)), ofFile: 0, at: start)
        #expect(standing.mayConnectAt == start + .seconds(77) && standing.struckFiles == [3])
        standing.handleFailure(.giveUp, ofFile: nil, at: start)
        #expect(standing.isGivenUp)
    }

    @Test(
        "A file that fails time and again is excluded if others arrive, and rests meanwhile; not if its server is down"
    )
    func ailingFiles() {
        var standing = WebSeedStanding()
        var now = Instant.zero + .minutes(5)
        for failure in 1...WebSeedLimits.failuresOfFile {
            standing.handleFailure(.pause(atLeast: nil), ofFile: 7, at: now)
            guard failure < WebSeedLimits.failuresOfFile else { break }
            #expect(standing.avoidedFiles(at: standing.mayConnectAt) == [7] && standing.struckFiles.isEmpty)
            standing.handleSuccess(ofFiles: [1, 2])
            now = now + .minutes(30)
            #expect(standing.avoidedFiles(at: now).isEmpty)
        }
        #expect(standing.struckFiles == [7] && !standing.isAnyAiling)
        for _ in 0..<20 { standing.handleFailure(.pause(atLeast: nil), ofFile: 1, at: now) }
        #expect(standing.struckFiles == [7])
        standing.handleSuccess(ofFiles: [1])
        standing.handleFailure(.pause(atLeast: nil), ofFile: 1, at: now)
        #expect(standing.struckFiles == [7], "a success ends the count")
    }

    @Test("A truncated response brings a block or the rest; otherwise its file is excluded")
    func shortAnswers() throws {
        let block = Block.byteCount
        var stretch = WebSeedStretch(10..<10 + 3 * block)
        try stretch.handleAnswer(of: block)
        #expect(stretch.rest == 10 + block..<10 + 3 * block)
        try stretch.handleAnswer(of: 2 * block - 1)
        #expect(stretch.rest.count == 1)
        try stretch.handleAnswer(of: 1)
        #expect(stretch.rest.isEmpty)
        for count in [0, 1, block - 1] {
            var starved = WebSeedStretch(0..<block + 1)
            let failure = #expect(throws: WebSeedError.self) { try starved.handleAnswer(of: count) }
            #expect(failure?.consequence == .strikeOutFile)
        }
    }

    @Test("The files with bytes in a wrong piece are those to exclude")
    func filesOfPiece() throws {
        let info = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [40_000, 20_000, 60_000], seed: 1).info
        let files = WebSeedFiles(info)
        #expect(files.files(in: PieceIndex(2)) == [0, 1] && files.files(in: PieceIndex(3)) == [1, 2])
        #expect(files.files(in: PieceIndex(7)) == [2])
    }
}
