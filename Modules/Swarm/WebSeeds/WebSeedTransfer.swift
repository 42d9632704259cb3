// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A run of blocks on its way from a web seed. Splits the bytes into blocks.
///
/// Owner: `WebSeedPeer`, on its driver's loop.
final class WebSeedTransfer: @unchecked Sendable {  // confined to its driver's loop
    let run: WebSeedRun
    let slot: PeerSlot
    var task: Task<Void, Never>?
    private var finishedCount = 0
    private var receivedByteCount = 0
    private var arriving: ArrivingBlock?

    init(_ run: WebSeedRun, from slot: PeerSlot) {
        self.run = run
        self.slot = slot
    }

    /// Blocks that are not complete.
    var unfinished: ArraySlice<BlockRequest> { run.blocks[finishedCount...] }

    /// Takes the next bytes of the run.
    func take(_ bytes: UnsafeRawBufferPointer, for driver: SwarmDriver, at now: Instant) {
        var rest = bytes
        while !rest.isEmpty, finishedCount < run.blocks.count {
            let block = run.blocks[finishedCount]
            if receivedByteCount == 0 { arriving = ArrivingBlock(block, from: slot, to: driver) }
            let count = min(Int(block.length) - receivedByteCount, rest.count)
            arriving?.take(UnsafeRawBufferPointer(rebasing: rest[..<count]), to: driver)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            receivedByteCount += count
            guard receivedByteCount == Int(block.length) else { continue }
            arriving?.finish(from: slot, to: driver, at: now)
            arriving = nil
            receivedByteCount = 0
            finishedCount += 1
        }
    }
}
