// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheWire

/// What a swarm is about, once its metadata is known. Owner: `SwarmCore`.
package struct SwarmContent {
    package let info: TorrentInfo
    package internal(set) var picker: PiecePicker
    /// What is known of the files' piece layers (BEP 52); all of it, once `layerDownload` is nil.
    package internal(set) var layers: PieceLayers
    /// Trees of the files, for a v2 torrent.
    let trees: FileTrees
    /// Trees above piece layers, as peers ask for them.
    var layerTrees = LayerTrees()
    /// Which pieces we got when, for peers that are yet to be told.
    var haveLog = HaveLog()
    var layerDownload: PieceLayerDownload?
    var inquiry = LeafInquiry()
    var smartBan = SmartBan()
    var superSeeding: SuperSeeding?
    /// What we suggest while we seed.
    var firstCopies: FirstCopies
    /// What the user wants of each piece, kept while `picker` is held back for want of piece layers.
    var priorities: [PiecePriority]

    package var geometry: PieceGeometry { info.geometry }

    /// `speaksV2`: peers can be met under the v2 info-hash. A hybrid known by its v1 hash alone does without its layers,
    /// since nobody would be there to give them.
    init(_ opening: ContentOpening, speaksV2: Bool, limits: SwarmLimits, seed: UInt64, work: WorkMeter) {
        info = opening.info
        layers = PieceLayers(opening.layers)
        trees = FileTrees(opening.info)
        priorities = opening.priorities
        var pickerLimits = PickerLimits()
        pickerLimits.openByteCount = limits.receiveBufferBytes
        picker = PiecePicker(
            geometry: opening.info.geometry,
            have: opening.have,
            limits: pickerLimits,
            seed: seed,
            work: work
        )
        picker.mode = opening.mode
        firstCopies = FirstCopies(pieceCount: opening.info.geometry.pieceCount, seed: ~seed, work: work)
        if opening.isSuperSeeding, opening.have.isComplete {
            superSeeding = SuperSeeding(pieceCount: opening.info.geometry.pieceCount, work: work)
        }
        let missing = speaksV2 ? opening.info.layersMissing(from: opening.layers) : []
        if !missing.isEmpty {
            layerDownload = PieceLayerDownload(
                files: missing,
                blocksPerPiece: opening.info.geometry.pieceLength / Block.byteCount
            )
        }
        picker.setPriorities(priorities)
    }
}

/// What the driver tells the core when a torrent's content has been opened.
package struct ContentOpening {
    package var info: TorrentInfo
    /// Piece layers that came with the metainfo, by root.
    package var layers: [SHA256Digest: [SHA256Digest]]
    /// Verified and stored.
    package var have: Bitfield
    /// One a piece.
    package var priorities: [PiecePriority]
    package var mode: PickMode
    package var isSuperSeeding: Bool

    package init(
        info: TorrentInfo,
        layers: [SHA256Digest: [SHA256Digest]],
        have: Bitfield,
        priorities: [PiecePriority]? = nil,
        mode: PickMode = .rarestFirst,
        isSuperSeeding: Bool = false
    ) {
        self.info = info
        self.layers = layers
        self.have = have
        self.priorities = priorities ?? Array(repeating: .normal, count: info.geometry.pieceCount)
        self.mode = mode
        self.isSuperSeeding = isSuperSeeding
    }
}

extension TorrentInfo {
    /// The files whose piece layer is needed and not among `layers`.
    func layersMissing(from layers: [SHA256Digest: [SHA256Digest]]) -> [PieceLayerDownload.File] {
        guard hashes.v2 != nil else { return [] }
        var seen: Set<SHA256Digest> = []
        return files.compactMap { file in
            guard let root = file.root, file.size > geometry.pieceLength, layers[root] == nil,
                seen.insert(root).inserted
            else { return nil }
            return PieceLayerDownload.File(root: root, byteCount: file.size)
        }
    }
}
