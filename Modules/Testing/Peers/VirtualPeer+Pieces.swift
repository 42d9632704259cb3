// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheStorage
internal import RucheSwarm
internal import RucheWire

/// Received blocks: assembling, verifying and storing pieces.
extension VirtualPeer {
    /// The time that verifying and storing a piece takes.
    private static let diskDelay = Interval.milliseconds(2)

    /// Opens the content, from the .torrent file, from peers, or from an earlier life.
    func open(_ info: TorrentInfo) {
        knownInfo = info
        assembly = PieceAssembly(info.geometry)
        verifier = info.makeVerifier(layers: PieceLayers(knownLayers))
        for socket in sockets { socket.setPieceCount(info.geometry.pieceCount) }
        let have = conduct.claimsEverything ? Bitfield(count: info.geometry.pieceCount, allSet: true) : stored
        let opening = ContentOpening(
            info: info,
            layers: knownLayers,
            have: have,
            order: order,
            isSuperSeeding: role == .superSeed,
            unchoking: unchoking
        )
        tell { $0.handleContent(opening, in: &$1) }
    }

    func judgeMetadata(_ parts: [[UInt8]], of candidate: Int) {
        let life = life
        network.schedule(after: Self.diskDelay) { [weak self] in
            guard let self, self.life == life else { return }
            let bytes = MetadataCheck.bytes(of: parts, matching: core.identity.hashes)
            tell { $0.handleMetadataVerdict(bytes, on: candidate, in: &$1) }
            drain()
        }
    }

    func handleMetadata(_ bytes: [UInt8]) {
        let life = life
        network.schedule(after: Self.diskDelay) { [weak self] in
            guard let self, self.life == life else { return }
            guard let info = try? MetainfoParser.parseInfo(bytes) else { return }
            open(info)
            drain()
        }
    }

    func handleLayers(_ layers: [SHA256Digest: [SHA256Digest]]) {
        knownLayers.merge(layers) { _, new in new }
        verifier = knownInfo?.makeVerifier(layers: PieceLayers(knownLayers))
    }

    func handleBlockBegun(_ block: BlockRequest, from slot: PeerSlot) -> BlockArrival? {
        core.handleBlockBegun(block, from: slot)
    }

    /// Calls `body` with the place for the bytes of an arriving block, if they are still useful.
    func withPlace(of arrival: BlockArrival, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        guard core.isArriving(arrival) else { return }
        switch arrival.place {
        case .piece: assembly?.withBytes(of: arrival.block, body)
        case .spare(let cell): assembly?.withBytes(ofCell: cell, body)
        case .nowhere: break
        }
    }

    func handleBlock(
        _ block: BlockRequest,
        _ arrival: BlockArrival?,
        from slot: PeerSlot,
        _ address: IPAddress
    ) {
        guard conduct != .flooder else { return }
        guard let arrival else { return tell { $0.handleUnwanted(block, from: slot, in: &$1) } }
        let isTaken = tell { $0.handleBlock(arrival, from: slot, in: &$1) }
        guard isTaken else { return }
        if case .spare(let cell) = arrival.place { assembly?.move(cell, to: block) }
        noteForgery(in: block, by: address)
    }

    private func noteForgery(in block: BlockRequest, by address: IPAddress) {
        guard contentSeed == nil else { return }
        var isTrue = true
        assembly?.withBytes(of: block) { bytes in
            isTrue = torrent.isTrue(UnsafeRawBufferPointer(bytes), in: block.piece, at: Int(block.offset))
        }
        if !isTrue { assembly?.noteForgery(in: block.piece, by: address) }
    }

    func judge(_ piece: PieceIndex, wantsDigests: Bool) {
        judge(piece, wantsDigests: wantsDigests) { [weak self] in self?.assembly?.data(of: piece) }
    }

    /// Verifies and stores a piece that the peer's content has created.
    func judge(_ piece: PieceIndex, _ bytes: [UInt8]) { judge(piece, wantsDigests: false) { bytes } }

    private func judge(_ piece: PieceIndex, wantsDigests: Bool, _ data: @escaping () -> [UInt8]?) {
        let life = life
        network.schedule(after: Self.diskDelay) { [weak self] in
            guard let self, self.life == life, let data = data() else { return }
            let outcome = outcome(of: piece, data, wantsDigests: wantsDigests)
            if case .wrong = outcome { poisonedBy.formUnion(assembly?.forgers(of: piece) ?? []) }
            tell { $0.handleOutcome(outcome, of: piece, in: &$1) }
            drain()
        }
    }

    private func outcome(of piece: PieceIndex, _ data: [UInt8], wantsDigests: Bool) -> PieceOutcome {
        guard let verifier else { return .unknown }
        return data.withUnsafeBytes { bytes in
            var blockDigests: [SHA256Digest] {
                var hasher = MerkleHasher()
                var leaves: [SHA256Digest] = []
                hasher.appendLeaves(of: bytes, to: &leaves)
                return leaves
            }
            switch verifier.verdict(on: piece, chunks: [bytes]) {
            case .right: break
            case .wrong(let leaves):
                return .wrong(digests: leaves.isEmpty ? blockDigests : leaves, areLeaves: !leaves.isEmpty)
            case .unknown: return .unknown
            case .disagreement: return .disagreement
            }
            guard put(bytes, in: piece) else { return .notStored }
            return .stored(digests: wantsDigests ? blockDigests : [])
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, in piece: PieceIndex) -> Bool {
        do throws(StorageError) {
            try store.write(piece: piece, offset: 0, chunks: [bytes])
        } catch {
            storageError = error
            return false
        }
        return stored.insert(piece)
    }

    func readLeaves(of piece: PieceIndex, for request: HashRequest, to slot: PeerSlot) {
        let leaves = leaves(of: piece)
        let life = life
        let socket = socketsBySlot[slot]
        network.schedule(after: Self.diskDelay) { [weak self] in
            guard let self, self.life == life else { return }
            let asker = socket?.slot == slot ? slot : nil
            tell { $0.handleLeaves(leaves, of: piece, for: request, to: asker, in: &$1) }
            drain()
        }
    }

    func makeTree(of root: SHA256Digest, _ layer: [SHA256Digest], at height: Int) {
        let life = life
        network.schedule(after: Self.diskDelay) { [weak self] in
            guard let self, self.life == life else { return }
            tell { $0.handleTree(MerkleTree(base: layer, at: height), of: root, in: &$1) }
            drain()
        }
    }

    private func leaves(of piece: PieceIndex) -> [SHA256Digest] {
        var bytes = [UInt8](repeating: 0, count: torrent.info.geometry.dataByteCount(of: piece))
        var leaves: [SHA256Digest] = []
        bytes.withUnsafeMutableBytes { out in
            guard (try? store.read(piece: piece, offset: 0, into: out)) != nil else { return }
            var hasher = MerkleHasher()
            hasher.appendLeaves(of: UnsafeRawBufferPointer(out), to: &leaves)
        }
        return leaves
    }

    /// Stores all pieces, as a seed starts.
    func fillStore() {
        for piece in Bitfield(count: stored.count, allSet: true).indices {
            torrent.data(of: piece).withUnsafeBytes { _ = put($0, in: piece) }
        }
        if isComplete { completedAt = network.now }
    }
}
