// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// A pass over the files of a web seed that does not support ranges: each file is sent whole, and what is wanted is
/// taken from it.
///
/// Owner: `WebSeedPeer`, on its driver's loop.
final class WebSeedSweep: @unchecked Sendable {  // confined to its driver's loop
    let slot: PeerSlot
    /// The first file of the pass.
    let firstFile: Int
    var task: Task<Void, Never>?

    private let geometry: PieceGeometry
    /// The position of the next byte in the piece space.
    private var place: Int
    /// Bytes of the current block that are still missing.
    private var left = 0
    private var arriving: (block: BlockRequest, bytes: ArrivingBlock)?

    init(from file: Int, at place: Int, _ geometry: PieceGeometry, to slot: PeerSlot) {
        firstFile = file
        self.place = place
        self.geometry = geometry
        self.slot = slot
    }

    /// Skips the next `count` bytes, which are not fetched.
    func skip(_ count: Int) {
        place += count
        arriving = nil
        left = 0
    }

    /// Takes the next bytes. Returns the blocks that are now complete.
    func take(_ bytes: UnsafeRawBufferPointer, for driver: SwarmDriver, at now: Instant) -> [BlockRequest] {
        var whole: [BlockRequest] = []
        var rest = bytes
        while !rest.isEmpty {
            if left == 0 { begin(driver, at: now) }
            let count = min(left, rest.count)
            arriving?.bytes.take(UnsafeRawBufferPointer(rebasing: rest[..<count]), to: driver)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            place += count
            left -= count
            guard left == 0, let (block, arrived) = arriving else { continue }
            arriving = nil
            arrived.finish(from: slot, to: driver, at: now)
            whole.append(block)
        }
        return whole
    }

    /// Starts the block at `place`. A block whose beginning was missed is skipped.
    private func begin(_ driver: SwarmDriver, at now: Instant) {
        arriving = nil
        let piece = PieceIndex(place / geometry.pieceLength)
        let offset = place % geometry.pieceLength
        guard offset < geometry.dataByteCount(of: piece) else {
            // Padding between the end of a piece's data and the next piece.
            left = geometry.pieceLength - offset
            return
        }
        let block = geometry.block(offset / Block.byteCount, of: piece)
        left = Int(block.offset) + Int(block.length) - offset
        guard offset == Int(block.offset), driver.tell(at: now, { $0.handleOffer(block, from: slot, in: &$1) }) else {
            return
        }
        arriving = (block, ArrivingBlock(block, from: slot, to: driver))
    }
}
