// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A block on its way to us: how much of it has come, and whether it is wanted still.
struct ArrivingBlock {
    let block: BlockRequest
    private(set) var receivedByteCount = 0
    /// It was wanted when it began to come. That may change until it is whole.
    private(set) var isWanted: Bool

    /// It begins to come, from a peer that has a slot or has lost it.
    init(_ block: BlockRequest, from slot: PeerSlot?, wantedBy driver: SwarmDriver) {
        self.block = block
        isWanted = slot.map { driver.wants(block, from: $0) } ?? false
    }

    /// Between two reads another peer may have delivered the same block, and its buffer may be gone.
    mutating func recheck(from slot: PeerSlot?, _ driver: SwarmDriver) {
        guard isWanted, let slot else { return }
        isWanted = driver.wants(block, from: slot)
    }

    /// Copies a stretch of payload to its place: the only copy between the socket's buffer and the disk.
    mutating func take(_ bytes: UnsafeRawBufferPointer, to driver: SwarmDriver) {
        guard isWanted else { return }
        let place = driver.destination(of: block)
        let end = receivedByteCount + bytes.count
        guard end <= place.count else { return }
        UnsafeMutableRawBufferPointer(rebasing: place[receivedByteCount..<end]).copyMemory(from: bytes)
        receivedByteCount = end
    }
}
