// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// The status for observers.
extension SwarmDriver {
    /// Returns everything except what only the lifecycle knows: state, name and wanted bytes.
    func makeStatus() -> TorrentStatus {
        loop.assertInEventLoop()
        let now = now
        var status = TorrentStatus(state: .queued, name: "")
        status.downloadRate = core.download.meter.rateBytesPerSecond(at: now)
        status.uploadRate = core.upload.meter.rateBytesPerSecond(at: now)
        status.downloadedBytes = core.download.meter.totalByteCount
        status.uploadedBytes = core.upload.meter.totalByteCount
        status.wastedBytes = core.download.wastedByteCount
        if let content = core.content {
            status.pieces = content.picker.have
            status.openPieceCount = content.picker.openPieceCount
            status.distributedCopies = content.picker.distributedCopies
        }
        status.peers = core.peers.occupied.compactMap { makePeerStatus($0, at: now) }
        return status
    }

    private func makePeerStatus(_ slot: PeerSlot, at now: Instant) -> PeerStatus? {
        let (handler, webSeed) = (handlersBySlot[slot], webSeedsBySlot[slot])
        guard let peer = core.peers[slot], handler != nil || webSeed != nil else { return nil }
        let pieceCount = core.content?.geometry.pieceCount ?? 0
        return PeerStatus(
            endpoint: peer.endpoint,
            client: webSeed?.url ?? peer.client ?? peer.id.description,
            isIncoming: peer.isIncoming,
            isEncrypted: handler?.connection.isEncrypted ?? false,
            progress: pieceCount == 0 ? 0 : Double(peer.pieces.setCount(of: pieceCount)) / Double(pieceCount),
            downloadRate: peer.download.meter.rateBytesPerSecond(at: now),
            uploadRate: peer.upload.meter.rateBytesPerSecond(at: now),
            chokesUs: peer.download.chokesUs,
            isChoked: peer.upload.isChoked,
            weAreInterested: peer.download.weAreInterested,
            isInterested: peer.upload.isInterested,
            requestCount: peer.download.pipeline.outstanding
        )
    }

    /// Handles a recheck of a stopped torrent that found exactly these pieces correct.
    func handleRechecked(_ found: Bitfield) {
        loop.assertInEventLoop()
        buffers?.discardAll(to: &slabs)
        resetHealth()
        tell { $0.handleRechecked(found, in: &$1) }
        drain()
    }
}
