// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of the peer list.
package struct PeerListLimits: Hashable, Sendable {
    /// Endpoints kept.
    package var endpointCount = 4000
    /// Endpoints kept for one address: behind one there may be many peers, or one that pretends to be many.
    package var endpointsPerAddress = 8
    /// Addresses banned at a time; the oldest ban falls out.
    package var banCount = 4096
    /// Wait after the first failed dial; doubles with each.
    package var firstRetryDelay = Interval.minutes(1)
    /// Longest wait after failed dials.
    package var maxRetryDelay = Interval.minutes(64)
    /// An endpoint that failed so often in a row is forgotten.
    package var maxFailures = 6
    /// Wait before a peer whose connection ended is dialled again.
    package var redialDelay = Interval.seconds(Int64(30))

    /// The defaults.
    package init() {}
}
