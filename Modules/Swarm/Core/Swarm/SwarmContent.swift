// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
internal import RucheStorage
package import RucheWire

/// What a swarm shares, once that is known. Owner: `SwarmPhase`. It is an object, so that each part of the core changes
/// its fields in place.
package final class SwarmContent {
    /// How much content there is now.
    package internal(set) var shape: ContentShape
    /// Whether peers come only from trackers (BEP 27).
    let isPrivate: Bool
    /// The parts that only a torrent has. Nil for other content, which may grow.
    package internal(set) var torrent: TorrentContent?
    /// The user's priority of each piece, kept while `picker` is held back because piece layers are missing.
    var priorities: [FetchPriority]

    // MARK: - Changed by the download

    package internal(set) var picker: PiecePicker
    var smartBan = SmartBan()

    // MARK: - Changed by the upload

    /// The order in which we completed pieces, for peers that have not been told yet.
    var haveLog = HaveLog()
    /// The pieces that we suggest while we seed.
    var firstCopies: FirstCopies
    var superSeeding: SuperSeeding?

    // MARK: - Growth

    /// Pieces that the content has created and that are not on disk yet, with their byte counts.
    var making: [PieceIndex: Int] = [:]
    /// The last shape that broke the rules, so that it is reported once.
    var refused: ContentShape?

    package var geometry: PieceGeometry { picker.geometry }

    /// `speaksV2`: peers can be found under the v2 info-hash.
    init(_ opening: ContentOpening, speaksV2: Bool, limits: SwarmLimits, seed: UInt64, work: WorkMeter) {
        shape = opening.shape
        isPrivate = opening.isPrivate
        torrent = opening.info.map { TorrentContent($0, layers: opening.layers, speaksV2: speaksV2) }
        priorities = opening.priorities
        var pickerLimits = PickerLimits()
        pickerLimits.openByteCount = limits.receiveBufferBytes
        picker = PiecePicker(
            geometry: opening.geometry,
            have: opening.have,
            limits: pickerLimits,
            seed: seed,
            work: work
        )
        firstCopies = FirstCopies(pieceCount: opening.geometry.pieceCount, seed: ~seed, work: work)
        if opening.isSuperSeeding, opening.have.isComplete {
            superSeeding = SuperSeeding(opening.geometry, work: work)
        }
        picker.setPriorities(priorities)
        picker.handleTrimmed(before: shape.firstPiece) { _, _ in }
    }

    /// Skips pieces that cannot be verified yet because their piece layer is missing.
    func holdBackUnverifiable() {
        guard let torrent, !torrent.isVerifiable else { return }
        let held = priorities.indices.map { torrent.canVerify(PieceIndex($0)) ? priorities[$0] : FetchPriority.skip }
        picker.setPriorities(held)
    }

    /// Whether all wanted pieces that exist now are stored.
    var isCaughtUp: Bool { picker.isFinished && torrent?.isVerifiable ?? true }

    /// Whether the content has ended and all wanted pieces are stored.
    var isFinished: Bool { shape.isClosed && isCaughtUp }

    /// Whether no peer has anything for us now: then comparing what they give is pointless.
    var servesAsSeed: Bool { shape.isClosed ? isWhole : isCaughtUp }

    /// Whether the content has ended and all pieces are stored.
    var isWhole: Bool { shape.isClosed && picker.have.isComplete }
}

/// What the driver passes to the core when a swarm's content has been opened.
package struct ContentOpening {
    /// How much content there is now.
    package var shape: ContentShape
    /// The geometry including a torrent's padding.
    package var geometry: PieceGeometry
    package var isPrivate: Bool
    /// The info dictionary; nil for content that is not a torrent.
    package var info: TorrentInfo?
    /// Piece layers that came with the metainfo, by root.
    package var layers: [SHA256Digest: [SHA256Digest]] = [:]
    /// The pieces that are verified and stored.
    package var have: Bitfield
    /// One priority per piece.
    package var priorities: [FetchPriority]
    package var order = FetchOrder.rarestFirst
    package var isSuperSeeding = false
    /// Who may download from us.
    package var unchoking = UnchokePolicies()

    /// Creates the opening of a torrent.
    package init(
        info: TorrentInfo,
        layers: [SHA256Digest: [SHA256Digest]],
        have: Bitfield,
        priorities: [FetchPriority]? = nil,
        order: FetchOrder = .rarestFirst,
        isSuperSeeding: Bool = false,
        unchoking: UnchokePolicies = UnchokePolicies()
    ) {
        shape = ContentShape(closed: info.geometry)
        geometry = info.geometry
        isPrivate = info.isPrivate
        self.info = info
        self.layers = layers
        self.have = have
        self.priorities = priorities ?? Array(repeating: .normal, count: info.geometry.pieceCount)
        self.order = order
        self.isSuperSeeding = isSuperSeeding
        self.unchoking = unchoking
    }

    /// Creates the opening of another content.
    init(_ shape: ContentShape, isPrivate: Bool, have: Bitfield) {
        self.shape = shape
        geometry = shape.geometry
        self.isPrivate = isPrivate
        self.have = have
        priorities = Array(repeating: .normal, count: geometry.pieceCount)
    }
}
