// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// The way of a block in: to its buffer, and its piece to the disk.
extension SwarmDriver {
    func wants(_ block: BlockRequest, from slot: PeerSlot) -> Bool {
        buffers != nil && core.wants(block, from: slot)
    }

    /// Where the payload of a wanted block belongs.
    func destination(of block: BlockRequest) -> UnsafeMutableRawBufferPointer {
        buffers?.destination(of: block, from: &slabs) ?? UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    func handleBlock(_ block: BlockRequest, isKept: Bool, from slot: PeerSlot, at now: Instant) {
        if isKept, core.wants(block, from: slot) {
            core.handleBlock(block, from: slot, at: now, into: &effects)
        } else {
            core.handleUnwanted(block, from: slot, at: now, into: &effects)
        }
    }

    /// Takes back buffers of pieces that are no longer open: a peer may have left in the middle of their first block.
    func discardStrayBuffers() {
        guard let buffered = buffers?.buffered else { return }
        let strays = buffered.filter { core.content?.picker.openSlot(of: $0) == nil }
        guard !strays.isEmpty else { return }
        // Whoever is in the middle of such a block is not to go on in another buffer, should the piece be begun again.
        for handler in handlers.values { handler.recheckArriving() }
        for seed in webSeedsBySlot.values { seed.recheckArriving() }
        for piece in strays { buffers?.discard(piece, to: &slabs) }
    }

    func readLeaves(of piece: PieceIndex, for request: HashRequest, to slot: PeerSlot) {
        guard let disk, let handler = handlersBySlot[slot], !health.isDoubted(piece) else {
            return core.handleLeaves(
                [],
                of: piece,
                for: request,
                to: handlersBySlot[slot] == nil ? nil : slot,
                at: .now,
                into: &effects
            )
        }
        submit {
            try disk.leaves(of: piece)
        } then: { [self] result in
            // A peer that asks for hashes that cannot be read is refused.
            if case .failure(let error) = result { handleDiskFailure(of: .read(piece), error) }
            let leaves = (try? result.get()) ?? []
            // Somebody else may have the slot by now.
            let asker = handler.slot == slot ? slot : nil
            core.handleLeaves(leaves, of: piece, for: request, to: asker, at: .now, into: &effects)
            drain()
        }
    }

    func makeTree(of root: SHA256Digest, _ layer: [SHA256Digest], at height: Int) {
        submit {
            MerkleTree(base: layer, at: height)
        } then: { [self] result in
            core.handleTree((try? result.get()) ?? nil, of: root, at: .now, into: &effects)
            drain()
        }
    }
}
