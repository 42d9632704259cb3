// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension Torrent {
    /// Limits this torrent within its session's limits; bytes per second, nil for none of its own.
    public func setRates(downloadBytesPerSecond: Int?, uploadBytesPerSecond: Int?) {
        driver.loop.execute { [driver] in
            driver.setRates(download: downloadBytesPerSecond, upload: uploadBytesPerSecond)
        }
    }
}
