// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What fetching from web seeds is held to.
package enum WebSeedLimits {
    /// Web seeds of one torrent; the first in its list count.
    package static let perTorrent = 16
    /// Requests to one web seed at once: while one is answered, the next is on its way.
    package static let requestsAtOnce = 2
    /// Requests to one host at once, for all torrents together.
    package static let requestsPerHost = 4 * requestsAtOnce
    /// Bytes of one request, except for the last block.
    package static let requestByteCount = 4 << 20
    /// Redirects followed from one URL.
    package static let redirects = 5
    /// Until there is a connection.
    package static let connectTimeout = Interval.seconds(10)
    /// Of silence in the middle of an answer.
    package static let readTimeout = Interval.seconds(30)
    /// For a whole answer.
    package static let answerTimeout = Interval.minutes(10)
    /// Until one that failed is tried again; doubled with each failure ...
    package static let shortestPause = Interval.seconds(5)
    /// ... up to this.
    package static let longestPause = Interval.minutes(10)
}
