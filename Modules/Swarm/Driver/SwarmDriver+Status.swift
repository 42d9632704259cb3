// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// How it all stands, for whoever watches.
extension SwarmDriver {
    /// Everything but what only the lifecycle knows: state, name and wanted bytes.
    func makeStatus() -> TorrentStatus {
        loop.assertInEventLoop()
        let now = Instant.now
        var status = TorrentStatus(state: .queued, name: "")
        status.downloadRate = core.download.rateBytesPerSecond(at: now)
        status.uploadRate = core.upload.rateBytesPerSecond(at: now)
        status.downloadedBytes = core.download.totalByteCount
        status.uploadedBytes = core.upload.totalByteCount
        status.wastedBytes = core.wastedByteCount
        if let content = core.content {
            status.pieces = content.picker.have
            status.openPieceCount = content.picker.openPieceCount
            status.distributedCopies = content.picker.distributedCopies
        }
        status.peers = handlersBySlot.sorted { $0.key < $1.key }.compactMap { slot, handler in
            core.peers[slot].map { makePeerStatus($0, handler, at: now) }
        }
        return status
    }

    private func makePeerStatus(_ peer: ConnectedPeer, _ handler: PeerChannelHandler, at now: Instant) -> PeerStatus {
        let pieceCount = core.content?.geometry.pieceCount ?? 0
        return PeerStatus(
            endpoint: peer.endpoint,
            client: peer.client ?? peer.id.description,
            isIncoming: peer.isIncoming,
            isEncrypted: handler.connection.isEncrypted,
            progress: pieceCount == 0 ? 0 : Double(peer.pieces.setCount(of: pieceCount)) / Double(pieceCount),
            downloadRate: peer.download.rateBytesPerSecond(at: now),
            uploadRate: peer.upload.rateBytesPerSecond(at: now),
            chokesUs: peer.chokesUs,
            isChoked: peer.isChoked,
            weAreInterested: peer.weAreInterested,
            isInterested: peer.isInterested,
            requestCount: peer.pipeline.outstanding
        )
    }

    /// A recheck of a stopped torrent has found just these pieces right.
    func handleRechecked(_ found: Bitfield) {
        loop.assertInEventLoop()
        buffers?.discardAll(to: &slabs)
        core.handleRechecked(found, at: .now, into: &effects)
        drain()
    }
}
