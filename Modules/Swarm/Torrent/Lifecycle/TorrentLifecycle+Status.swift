// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// How the torrent stands, for those who watch.
extension TorrentLifecycle {
    /// Publishes the status, looks for peers if there are too few, and lets an idle torrent become dormant.
    func tick() {
        guard !core.isClosed else { return }
        publishStatus()
        if !sources.isEmpty, driver.core.isShortOfPeers(at: now) { sources.note(.needsPeers) }
        let totals = driver.totals
        let byteCount = totals.downloadedBytes &+ totals.uploadedBytes
        services.dormancy.note(number, byteCount: byteCount, mayYield: mayYield)
        let idle = services.dormancy.hasRoom ? services.configuration.limits.idleTimeout : .zero
        if mayDoze(after: idle) {
            _ = start { await $0.doze() }
        }
    }

    func publishStatus() {
        guard !core.isClosed else { return }
        var status = driver.makeStatus()
        let old = snapshot.status
        // Nothing is known of the pieces of a torrent that was dormant until it is open again.
        if content == nil, record.wasDormant {
            (status.pieces, status.doneBytes, status.totalBytes) = (old.pieces, old.doneBytes, old.totalBytes)
        }
        status.state = core.state
        status.name = metainfo?.info.name ?? old.name
        status.downloadedBytes += record.carried.downloadedBytes
        status.uploadedBytes += record.carried.uploadedBytes
        status.wastedBytes += record.carried.wastedBytes
        if let content, let pieces = status.pieces {
            (status.doneBytes, status.totalBytes) = content.wantedBytes(in: pieces)
        }
        services.metrics.record(status, after: old)
        setGauges(status)
        snapshot.status = status
        host?.publish(status)
    }

    /// Gauges are named for the torrent, whose name may become known late.
    private func setGauges(_ status: TorrentStatus) {
        if gauges?.name != status.name {
            gauges?.end()
            gauges = TorrentGauges(name: status.name, hashes: origin.hashes)
        }
        gauges?.record(status)
    }
}

extension SwarmDriver {
    /// Bytes of blocks since the driver was made. On its loop.
    var totals: CarriedTotals {
        CarriedTotals(
            downloadedBytes: core.download.meter.totalByteCount,
            uploadedBytes: core.upload.meter.totalByteCount,
            wastedBytes: core.download.wastedByteCount
        )
    }
}
