// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import RucheCrypto
public import RucheStorage
public import RucheWire

/// Checks a store against what `PieceStore` promises, and returns what it breaks; empty if it conforms.
///
///     let findings = try checkPieceStore { info in try EncryptedStore(MemoryStore(info.geometry), key: key) }
///
/// `makeStore` creates an empty store for a torrent. The check writes all pieces, from several threads and in spans and chunks
/// of every size, reads them back in other spans, writes some again, and closes the store in between.
///
/// - Parameter seed: decides everything random.
/// - Throws: what `makeStore` throws; `MetainfoError` if the torrent of the check cannot be made.
public func checkPieceStore(
    seed: UInt64 = 1,
    _ makeStore: (TorrentInfo) throws -> any PieceStore
) throws -> [String] {
    let torrent = try VirtualTorrent(.v1, pieceLength: 65_536, fileSizes: [300_001, 1, 200_000], seed: seed)
    let check = PieceStoreCheck(torrent, try makeStore(torrent.info), seed: seed)
    check.writeEverything()
    check.readBack("after it was written")
    check.flushAndClose()
    check.readBack("after the store was closed")
    check.writeAgain()
    check.readBack("after it was written again")
    check.vouch()
    check.store.close()
    return check.findings.withLock { $0 }
}

/// What has been found so far about one store.
private final class PieceStoreCheck: Sendable {
    let store: any PieceStore
    let findings = Locked<[String]>([])
    private let torrent: VirtualTorrent
    private let seed: UInt64

    init(_ torrent: VirtualTorrent, _ store: any PieceStore, seed: UInt64) {
        self.torrent = torrent
        self.store = store
        self.seed = seed
    }

    func writeEverything() {
        onEveryPiece(salt: 1) { piece, random in
            let data = Array(torrent.data(of: piece))
            // Blocks come in any order.
            for span in spans(of: data.count, using: &random).shuffled(using: &random) {
                write(Array(data[span]), to: piece, at: span.lowerBound, using: &random)
            }
        }
    }

    /// A piece that turns out to be wrong is written again: the last bytes count.
    func writeAgain() {
        onEveryPiece(salt: 2) { piece, random in
            let data = Array(torrent.data(of: piece))
            guard let span = spans(of: data.count, using: &random).randomElement(using: &random) else { return }
            write(data[span].map { ~$0 }, to: piece, at: span.lowerBound, using: &random)
            write(Array(data[span]), to: piece, at: span.lowerBound, using: &random)
        }
    }

    func readBack(_ moment: String) {
        onEveryPiece(salt: 3) { piece, random in
            let data = Array(torrent.data(of: piece))
            for span in spans(of: data.count, using: &random) {
                let sizes = self.spans(of: span.count, using: &random).map(\.count)
                expect(
                    read(piece, at: span.lowerBound, sizes: sizes, atOnce: false) == Array(data[span]),
                    "\(span.count) bytes at \(span.lowerBound) of piece \(piece) read as something else \(moment)"
                )
                let atOnce = read(piece, at: span.lowerBound, sizes: sizes, atOnce: true)
                expect(
                    atOnce == nil || atOnce == Array(data[span]),
                    "readAtOnce says yes, and gives other bytes \(moment)"
                )
            }
        }
    }

    func flushAndClose() {
        do throws(StorageError) { try store.flush() } catch { expect(false, "flush fails: \(error)") }
        store.close()
        store.close()
    }

    /// What is vouched for is offered to peers unread.
    func vouch() {
        guard let vouching = store.abilities.vouching else { return }
        do throws(StorageError) {
            let vouched = try vouching.vouchedPieces()
            let wrong = torrent.wrongPieces(in: store, of: vouched)
            expect(vouched.count == torrent.info.geometry.pieceCount, "it vouches for another number of pieces")
            expect(wrong.isEmpty, "it vouches for pieces that are wrong: \(wrong)")
        } catch {
            expect(false, "vouchedPieces fails: \(error)")
        }
    }

    // MARK: - Parts

    private func expect(_ condition: Bool, _ finding: @autoclosure () -> String) {
        guard !condition else { return }
        let text = finding()
        findings.withLock { if $0.count < 20 { $0.append(text) } }
    }

    /// Calls from several threads at once, for different pieces, as the engine does.
    private func onEveryPiece(salt: UInt64, _ body: @Sendable (PieceIndex, inout SeededRandom) -> Void) {
        DispatchQueue.concurrentPerform(iterations: torrent.info.geometry.pieceCount) { number in
            var random = SeededRandom(seed: seed &+ salt &* 1_000 &+ UInt64(number))
            body(PieceIndex(number), &random)
        }
    }

    /// Cuts `count` bytes into spans of random sizes.
    private func spans(of count: Int, using random: inout SeededRandom) -> [Range<Int>] {
        var spans: [Range<Int>] = []
        var start = 0
        while start < count {
            let longest = [1, 100, 16_384, count].randomElement(using: &random) ?? count
            let end = start + Int.random(in: 1...min(max(1, longest), count - start), using: &random)
            spans.append(start..<end)
            start = end
            if spans.count > 40 {
                spans.append(start..<count)
                break
            }
        }
        return spans.filter { !$0.isEmpty }
    }

    private func write(_ bytes: [UInt8], to piece: PieceIndex, at offset: Int, using random: inout SeededRandom) {
        let parts = spans(of: bytes.count, using: &random)
        bytes.withUnsafeBytes { bytes in
            do throws(StorageError) {
                try store.write(
                    piece: piece,
                    offset: offset,
                    chunks: parts.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
                )
            } catch {
                expect(false, "write fails: \(error)")
            }
        }
    }

    /// Reads into chunks of `sizes`; nil if the store cannot.
    private func read(_ piece: PieceIndex, at offset: Int, sizes: [Int], atOnce: Bool) -> [UInt8]? {
        var out = [UInt8](repeating: 0xa5, count: sizes.reduce(0, +))
        let isRead = out.withUnsafeMutableBytes { out in
            var start = 0
            let chunks = sizes.map { size in
                defer { start += size }
                return UnsafeMutableRawBufferPointer(rebasing: out[start..<start + size])
            }
            if atOnce { return store.readAtOnce(piece: piece, offset: offset, into: chunks) }
            return (try? store.read(piece: piece, offset: offset, into: chunks)) != nil
        }
        return isRead ? out : nil
    }
}
