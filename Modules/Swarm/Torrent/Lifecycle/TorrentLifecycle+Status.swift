// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The status for observers.
extension TorrentLifecycle {
    func publishStatus() async {
        while !Task.isCancelled, !isClosed {
            await publishFreshStatus()
            await lookAfterPeers()
            try? await Task.sleep(nanoseconds: UInt64(SwarmTiming.status.nanoseconds))
            if let session { await dozeIfIdle(after: session.configuration.limits.idleTimeout) }
        }
    }

    func publishFreshStatus() async {
        let fresh = try? await driver.loop.submit({ [driver] in driver.makeStatus() }).get()
        guard var status = fresh, !isClosed else { return }
        let old = snapshot.status
        // Nothing is known about its pieces until it is open again.
        if content == nil, wasDormant {
            (status.pieces, status.doneBytes, status.totalBytes) = (old.pieces, old.doneBytes, old.totalBytes)
        }
        status.state = state
        status.name = metainfo?.info.name ?? old.name
        status.downloadedBytes += carried.downloadedBytes
        status.uploadedBytes += carried.uploadedBytes
        status.wastedBytes += carried.wastedBytes
        if let content, let pieces = status.pieces {
            (status.doneBytes, status.totalBytes) = content.wantedBytes(in: pieces)
        }
        session?.metrics.record(status, after: old)
        record(status)
        publish(status)
    }

    /// Gauges are named after the torrent, whose name may become known late.
    private func record(_ status: TorrentStatus) {
        if gauges?.name != status.name {
            gauges?.end()
            gauges = TorrentGauges(name: status.name, hashes: origin.hashes)
        }
        gauges?.record(status)
    }

    func publish(_ status: TorrentStatus) {
        snapshot.status = status
        torrent?.publish(status)
    }
}

extension SwarmDriver {
    /// Bytes of blocks since it was created. On its loop.
    var totals: CarriedTotals {
        CarriedTotals(
            downloadedBytes: core.download.totalByteCount,
            uploadedBytes: core.upload.totalByteCount,
            wastedBytes: core.wastedByteCount
        )
    }
}
