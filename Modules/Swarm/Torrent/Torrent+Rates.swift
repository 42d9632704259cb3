// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension Torrent {
    /// Sets this torrent's own limits within its session's, in bytes per second; nil for none. A torrent with its own
    /// limits stays active.
    public func setRates(downloadBytesPerSecond: Int?, uploadBytesPerSecond: Int?) {
        stayAwake()
        act { life in
            life.driver.loop.execute {
                life.driver.setRates(download: downloadBytesPerSecond, upload: uploadBytesPerSecond)
            }
        }
    }
}
