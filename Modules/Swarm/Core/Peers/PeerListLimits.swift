// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of the peer list.
package struct PeerListLimits: Hashable, Sendable {
    /// Endpoints kept, connected ones included.
    package var endpointCount = 4000
    /// So many endpoints of an address are dialled in turn with others', the next so many after those, and so on: behind it
    /// there may be many peers, or one that pretends to be many. Loopback is exempt.
    package var fairEndpointsPerAddress = 8
    /// Endpoints that one address (IPv6: /64) may have told of, as long as nobody else names them and they are not reached.
    package var endpointsPerTeller = 200
    /// Dials to one address (IPv6: /64) that are made at once where only peers have told of its endpoints.
    package var hearsayDialsAtOnce = 4
    /// Beyond these, such dials of one address are this far apart.
    package var hearsayDialInterval = Interval.seconds(6)
    /// Endpoints known to be ourselves.
    package var selfCount = 64
    /// Addresses banned at a time; the oldest ban falls out.
    package var banCount = 4096
    /// Convictions of an address are forgotten after so long without another.
    package var convictionMemory = Interval.minutes(60)
    /// Endpoints compared to find one to give up for a new one.
    package var evictionSampleCount = 16
    /// Wait after the first failed dial; doubles with each.
    package var firstRetryDelay = Interval.minutes(1)
    /// Wait before a dial that could not be made is tried again.
    package var deferredDialDelay = Interval.seconds(10)
    /// Longest wait after failed dials.
    package var maxRetryDelay = Interval.minutes(64)
    /// Wait after the first failed dial of an endpoint that the user has named, and before it is dialled again.
    package var firstNamedRetryDelay = Interval.seconds(2)
    /// Longest wait after failed dials of an endpoint that the user has named.
    package var maxNamedRetryDelay = Interval.minutes(1)
    /// An endpoint that failed so often in a row is forgotten.
    package var maxFailures = 6
    /// Wait before a peer whose connection was of use is dialled again; one that was of none waits like a failure.
    package var redialDelay = Interval.seconds(30)

    /// So long it is believed that an incoming peer listens where it says. Then who answers there is compared with it, if
    /// anybody else has named the endpoint.
    package var claimPatience = Interval.seconds(60)
    /// What such a dial has shown holds for this long.
    package var comparisonMemory = Interval.minutes(64)

    /// The defaults.
    package init() {}
}
