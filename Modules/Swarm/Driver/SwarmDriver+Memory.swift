// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Memory: a torrent keeps no more than its share, and nothing while it is idle.
extension SwarmDriver {
    /// Adjusts the memory. Must be called once per tick, when the torrent starts or stops, and before its first piece.
    func lookAfterMemory() {
        let isDownloading = core.connections.hasStarted && core.content != nil && !core.isFinished
        if isDownloading != isInReceiveBudget {
            isInReceiveBudget = isDownloading
            environment.receiving.add(isDownloading ? 1 : -1)
        }
        let share = environment.receiving.shareBytes
        core.setOpenByteLimit(share)
        slabs.setKeptBytesLimit(isDownloading || slabs.lentBytes > 0 ? share : 0)
        if core.content?.picker.outstandingCount ?? 0 == 0 { spareBlocks.discardAll() }
        if sendingByteCount == 0 { sendBuffers.trim() }
    }
}
