// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension Torrent {
    /// Limits this torrent within its session's limits; bytes per second, nil for none of its own. A torrent that has limits of
    /// its own stays awake.
    public func setRates(downloadBytesPerSecond: Int?, uploadBytesPerSecond: Int?) {
        stayAwake()
        act { life in
            life.driver.loop.execute {
                life.driver.setRates(download: downloadBytesPerSecond, upload: uploadBytesPerSecond)
            }
        }
    }
}
