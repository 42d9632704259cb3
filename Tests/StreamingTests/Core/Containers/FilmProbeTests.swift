// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStreaming
import Testing

@Suite struct FilmProbeTests {
    /// Probes a file, and returns what was read.
    private func probe(_ file: [UInt8]) -> (probe: FilmProbe, read: [Range<Int>]) {
        var probe = FilmProbe(byteCount: file.count)
        var read: [Range<Int>] = []
        while let range = probe.nextRange, read.count < 1000 {
            read.append(range)
            probe.handleBytes(Array(file[range]))
        }
        return (probe, read)
    }

    private func big(_ number: Int, _ byteCount: Int = 4) -> [UInt8] {
        (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private func box(_ name: String, _ content: [UInt8] = []) -> [UInt8] {
        big(content.count + 8) + Array(name.utf8) + content
    }

    private func movieHeader(timescale: Int = 1000, duration: Int = 5000) -> [UInt8] {
        box("mvhd", big(0) + big(0, 8) + big(timescale) + big(duration) + big(0, 80))
    }

    private var film: [UInt8] { box("mdat", Array(repeating: 0, count: 200_000)) }

    @Test func `An index at the end is found by two steps over the film, and read whole`() {
        let index = box("moov", box("free") + movieHeader() + box("trak", big(0, 30_000)))
        let file = box("ftyp", big(0, 12)) + film + index
        let (probe, read) = probe(file)
        #expect(probe.seconds == 5)
        #expect(probe.bytesPerSecond == file.count / 5)
        #expect(read.last == file.count - index.count..<file.count)
        #expect(read.count == 4 && read[1...2].allSatisfy { $0.count <= 16 })
    }

    @Test func `An index at the beginning, long sizes and long durations are read`() {
        let header = box("mvhd", big(1 << 24) + big(0, 16) + big(90_000) + big(900_000, 8) + big(0, 80))
        let index = box("moov", header)
        #expect(probe(index + film).probe.seconds == 10)
        let long = big(1) + Array("mdat".utf8) + big(100_016, 8) + big(0, 100_000)
        #expect(probe(long + index).probe.seconds == 10)
        // A length of 0: up to the end.
        #expect(probe(film + big(0) + Array("moov".utf8) + header).probe.seconds == 10)
    }

    @Test func `A duration that is unknown stays unknown`() {
        let ending = [movieHeader(timescale: 0), movieHeader(duration: 0), movieHeader(duration: 0xffff_ffff), []]
        for header in ending { #expect(probe(film + box("moov", header)).probe.seconds == nil) }
        #expect(probe([]).probe.seconds == nil)
        #expect(probe(film).probe.bytesPerSecond == nil)
        #expect(probe(Array("not a film, and long enough to be one".utf8)).read.count == 1)
    }

    @Test func `Endless boxes are followed for some steps`() {
        let file = (0..<500).flatMap { _ in box("free") }
        #expect(probe(file).read.count < 70)
    }

    @Test func `Of an index that claims to be huge, only the beginning is read`() {
        var limits = StreamingLimits()
        limits.indexByteCount = 1_000
        var probe = FilmProbe(byteCount: 1 << 40, limits: limits)
        probe.handleBytes(big(1 << 30) + Array("moov".utf8) + movieHeader())
        #expect(probe.nextRange == 0..<1_000)
    }

    @Test func `The duration of a Matroska file is in its information`() {
        let info: [UInt8] =
            [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40, 0x44, 0x89, 0x84] + big(Int(Float(7500).bitPattern))
        let header: [UInt8] = [0x1a, 0x45, 0xdf, 0xa3, 0x84, 0x42, 0x86, 0x81, 1]
        let segment: [UInt8] = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        let seek: [UInt8] = [0x11, 0x4d, 0x9b, 0x74, 0x83, 1, 2, 3]
        let file = header + segment + seek + [0x15, 0x49, 0xa9, 0x66, UInt8(0x80 + info.count)] + info
        #expect(probe(file).probe.seconds == 7.5)
        let double: [UInt8] = [0x44, 0x89, 0x88] + big(Int(Double(2500).bitPattern), 8)
        #expect(probe(header + segment + [0x15, 0x49, 0xa9, 0x66, 0x8b] + double).probe.seconds == 2.5)
        #expect(probe(header + segment + seek).probe.seconds == nil)
    }

    @Test func `Changed and cut films never do harm`() {
        var random = SeededRandom(seed: 3)
        let good = box("ftyp", big(0, 12)) + box("free", big(0, 100)) + box("moov", movieHeader() + box("udta"))
        var known = 0
        for _ in 0..<20_000 {
            var file = Array(good.prefix(Int.random(in: 0...good.count, using: &random)))
            for _ in 0..<3 where !file.isEmpty {
                file[Int.random(in: file.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let (probe, read) = probe(file)
            if probe.seconds != nil { known += 1 }
            if read.count > 70 || read.contains(where: { $0.isEmpty || $0.upperBound > file.count }) {
                Issue.record("\(file)")
            }
        }
        #expect(known > 0)
    }
}
