// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Limits on fetching from web seeds.
package enum WebSeedLimits {
    /// Web seeds of one torrent; the first ones in its list are used.
    package static let perTorrent = 16
    /// Concurrent requests to one web seed, so the next request is on its way while one is answered.
    package static let requestsAtOnce = 2
    /// Concurrent requests to one host, for all torrents together.
    package static let requestsPerHost = 4 * requestsAtOnce
    /// Bytes in one request, except for the last block.
    package static let requestByteCount = 4 << 20
    /// Redirects followed from one URL.
    package static let redirects = 5
    /// Time limit for connecting.
    package static let connectTimeout = Interval.seconds(10)
    /// Time without any bytes in the middle of a response.
    package static let readTimeout = Interval.seconds(30)
    /// Time limit for a whole response.
    package static let answerTimeout = Interval.minutes(10)
    /// Time before a failed web seed is tried again; doubles with each failure ...
    package static let shortestPause = Interval.seconds(5)
    /// ... up to this maximum.
    package static let longestPause = Interval.minutes(10)
    /// Failures of one file in a row after which it is excluded, if other files arrive from the same server.
    package static let failuresOfFile = 3
}
