// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// An incoming block, and how much of it has arrived. The core decides where its bytes go, if anywhere.
struct ArrivingBlock {
    private let block: BlockRequest
    /// Nil if the block is not expected.
    private let arrival: BlockArrival?
    private var receivedByteCount = 0

    /// Creates the state at the first byte, from a peer that has a slot or has lost it.
    init(_ block: BlockRequest, from slot: PeerSlot?, to driver: SwarmDriver) {
        self.block = block
        arrival = slot.flatMap { driver.handleBlockBegun(block, from: $0) }
    }

    /// Copies payload bytes to their place: the only copy between the socket's buffer and the disk.
    mutating func take(_ bytes: UnsafeRawBufferPointer, to driver: SwarmDriver) {
        guard let arrival, let place = driver.place(of: arrival) else { return }
        let end = receivedByteCount + bytes.count
        guard end <= place.count else { return }
        UnsafeMutableRawBufferPointer(rebasing: place[receivedByteCount..<end]).copyMemory(from: bytes)
        receivedByteCount = end
    }

    /// Handles the complete block.
    func finish(from slot: PeerSlot, to driver: SwarmDriver, at now: Instant) {
        if let arrival {
            driver.handleBlock(arrival, from: slot, at: now)
        } else {
            driver.handleUnwanted(block, from: slot, at: now)
        }
    }
}
