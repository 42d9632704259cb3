// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
public import RucheSwarm
internal import RucheWire

/// Content that is not a torrent, on the virtual network.
extension VirtualPeer {
    /// The present shape of its content, as far as the peer knows.
    public var shape: ContentShape? { core.content?.shape }

    /// Whether the peer has everything that it knows of.
    public var isCaughtUp: Bool { core.isCaughtUp }

    /// Whether the content has ended, and the peer has everything.
    public var isFinished: Bool { core.isFinished }

    /// Sends the peer's content a command, as an app does.
    public func command<Body: Content>(_ command: Body.Command, of type: Body.Type) {
        tell { $0.handleCommand(command, to: type.name, in: &$1) }
        drain()
    }

    func open(_ seed: ContentSeed) {
        contentSeed = seed
        assembly = PieceAssembly(seed.shape.geometry)
        verifier = seed.verifier
        stored.grow(to: seed.shape.pieceCount)
        if let vouched = try? store.abilities.vouching?.vouchedPieces() {
            stored = vouched.resized(to: seed.shape.pieceCount)
        }
        tell { [stored, order, unchoking] core, batch in
            core.handleContent(seed, have: stored, order: order, unchoking: unchoking, in: &batch)
        }
    }

    func reshape(_ shape: ContentShape, _ verifier: any PieceVerifier) {
        self.verifier = verifier
        assembly?.grow(to: shape.byteCount)
        stored.grow(to: shape.pieceCount)
        try? store.abilities.growth?.grow(to: shape.geometry)
        try? store.abilities.trimming?.trim(before: PieceIndex(shape.firstPiece))
        for index in 0..<shape.firstPiece { stored.remove(PieceIndex(index)) }
    }
}
