// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// The way of an incoming block to its buffer, and of its piece to the disk.
extension SwarmDriver {
    func handleBlockBegun(_ block: BlockRequest, from slot: PeerSlot) -> BlockArrival? {
        core.handleBlockBegun(block, from: slot)
    }

    /// Returns where the payload of an arriving block belongs; nil if it is not, or no longer, useful.
    func place(of arrival: BlockArrival) -> UnsafeMutableRawBufferPointer? {
        guard core.isArriving(arrival) else { return nil }
        switch arrival.place {
        case .piece: return buffers?.destination(of: arrival.block, from: &slabs)
        case .spare(let cell): return spareBlocks.bytes(of: cell)
        case .nowhere: return nil
        }
    }

    func handleBlock(_ arrival: BlockArrival, from slot: PeerSlot, at now: Instant) {
        let isTaken = tell(at: now) { $0.handleBlock(arrival, from: slot, in: &$1) }
        guard isTaken, case .spare(let cell) = arrival.place,
            let place = buffers?.destination(of: arrival.block, from: &slabs)
        else { return }
        // The core has taken the place from the peer that started to fill it.
        place.copyMemory(from: UnsafeRawBufferPointer(rebasing: spareBlocks.bytes(of: cell)[..<place.count]))
    }

    func handleUnwanted(_ block: BlockRequest, from slot: PeerSlot, at now: Instant) {
        tell(at: now) { $0.handleUnwanted(block, from: slot, in: &$1) }
    }

    /// Discards buffers of pieces that are no longer open: a peer may have left in the middle of their first block.
    func discardStrayBuffers() {
        guard let buffered = buffers?.buffered else { return }
        for piece in buffered where core.content?.picker.openSlot(of: piece) == nil {
            buffers?.discard(piece, to: &slabs)
        }
    }

    func readLeaves(of piece: PieceIndex, for request: HashRequest, to slot: PeerSlot) {
        guard let disk, let handler = handlersBySlot[slot], !health.isDoubted(piece) else {
            let asker = handlersBySlot[slot] == nil ? nil : slot
            return tell { $0.handleLeaves([], of: piece, for: request, to: asker, in: &$1) }
        }
        submit {
            try disk.leaves(of: piece)
        } then: { [self] result in
            // A request for hashes that cannot be read is refused.
            if case .failure(let error) = result { handleDiskFailure(of: .read(piece), error) }
            let leaves = (try? result.get()) ?? []
            // Another peer may have the slot by now.
            let asker = handler.slot == slot ? slot : nil
            tell { $0.handleLeaves(leaves, of: piece, for: request, to: asker, in: &$1) }
            drain()
        }
    }

    func makeTree(of root: SHA256Digest, _ layer: [SHA256Digest], at height: Int) {
        submit {
            MerkleTree(base: layer, at: height)
        } then: { [self] result in
            tell { $0.handleTree((try? result.get()) ?? nil, of: root, in: &$1) }
            drain()
        }
    }
}
