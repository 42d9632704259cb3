// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The limits of the peer list.
package struct PeerListLimits: Hashable, Sendable {
    /// Endpoints kept, including connected ones.
    package var endpointCount = 4000
    /// This many endpoints of an address are dialled in turn with others', the next as many after those, and so on: an
    /// address may have many peers, or one that pretends to be many. Loopback is exempt.
    package var fairEndpointsPerAddress = 8
    /// Endpoints that one address (IPv6: /64) may name, as long as no others name them and they are not reached.
    package var endpointsPerTeller = 200
    /// Concurrent dials to one address (IPv6: /64) whose endpoints only peers have named.
    package var hearsayDialsAtOnce = 4
    /// The time between further such dials to one address.
    package var hearsayDialInterval = Interval.seconds(6)
    /// Endpoints known to be ourselves.
    package var selfCount = 64
    /// Addresses banned at a time; the oldest ban is dropped.
    package var banCount = 4096
    /// Convictions of an address are forgotten after this time without another.
    package var convictionMemory = Interval.minutes(60)
    /// Endpoints compared to find one to remove for a new one.
    package var evictionSampleCount = 16
    /// Delay after the first failed dial; doubles with each.
    package var firstRetryDelay = Interval.minutes(1)
    /// Delay before a dial that could not be made is repeated.
    package var deferredDialDelay = Interval.seconds(10)
    /// Longest delay after failed dials.
    package var maxRetryDelay = Interval.minutes(64)
    /// Delay after the first failed dial to an endpoint that the user named, and before it is dialled again.
    package var firstNamedRetryDelay = Interval.seconds(2)
    /// Longest delay after failed dials to an endpoint that the user named.
    package var maxNamedRetryDelay = Interval.minutes(1)
    /// An endpoint that failed this often in a row is removed.
    package var maxFailures = 6
    /// Delay before a peer whose connection was useful is dialled again; a useless one counts as a failure.
    package var redialDelay = Interval.seconds(30)

    /// How long the claim of an incoming peer to listen somewhere is believed. Then the peer that answers there is
    /// compared with it, if anyone else has named the endpoint.
    package var claimPatience = Interval.seconds(60)
    /// How long the result of such a dial is valid.
    package var comparisonMemory = Interval.minutes(64)

    /// Creates the default limits.
    package init() {}
}
