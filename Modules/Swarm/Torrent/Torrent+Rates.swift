// SPDX-License-Identifier: Apache-2.0

extension Torrent {
    /// Limits this torrent within its session's limits, in bytes per second; nil for no limit of its own. A torrent that has
    /// limits of its own stays awake.
    public func setRates(downloadBytesPerSecond: Int?, uploadBytesPerSecond: Int?) {
        stayAwake()
        act { $0.driver.setRates(download: downloadBytesPerSecond, upload: uploadBytesPerSecond) }
    }
}
