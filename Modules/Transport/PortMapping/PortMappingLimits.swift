// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of port mapping: on what a router can make us keep or do, and on what we ask of it.
package struct PortMappingLimits: Sendable {
    /// The lifetime in seconds that is requested for a mapping.
    package var lifetimeSeconds = 3_600
    /// Minimum time between two renewals of a mapping, however short its lifetime.
    package var renewalPause: Interval = .seconds(Int64(4))
    /// Maximum time before a mapping is renewed, however long its lifetime.
    package var longestRenewal: Interval = .minutes(Int64(60))

    /// PCP requests sent to a gateway that does not answer, before NAT-PMP is tried.
    package var pcpAttempts = 2
    /// Time before a PCP request is first repeated (RFC 6887, section 8.1.1).
    package var pcpInitialWait: Interval = .seconds(Int64(3))
    /// Maximum time between two PCP requests (RFC 6887, section 8.1.1).
    package var pcpLongestWait: Interval = .seconds(Int64(1024))
    /// NAT-PMP requests sent without an answer before the gateway counts as unresponsive.
    package var natPMPAttempts = 7
    /// Time before a NAT-PMP request is first repeated; doubles each time (RFC 6886, section 3.1).
    package var natPMPInitialWait: Interval = .milliseconds(Int64(250))
    /// How often a request to remove a mapping is sent without an answer.
    package var removalAttempts = 3
    /// Time between two requests to remove a mapping.
    package var removalWait: Interval = .milliseconds(Int64(250))

    /// Time without an answer from the gateway after which UPnP is tried beside PCP and NAT-PMP.
    package var headStart: Interval = .seconds(Int64(2))
    /// Time before everything is tried again after a failure. Doubles each time, up to `longestRetry`.
    package var retry: Interval = .minutes(Int64(2))
    /// Maximum time before everything is tried again.
    package var longestRetry: Interval = .minutes(Int64(60))
    /// Time between two checks of this machine's default route.
    package var gatewayCheck: Interval = .seconds(Int64(30))
    /// Time limit for `close()`, with or without the router's answers.
    package var closing: Interval = .seconds(Int64(3))

    /// Searches for UPnP devices sent before none is assumed to exist.
    package var searches = 3
    /// Time between two searches, and to wait for answers after the last one.
    package var searchPause: Interval = .seconds(Int64(2))
    /// UPnP devices tried in one search.
    package var devices = 8
    /// Bytes in an answer to a search.
    package var searchAnswerBytes = 4 * 1024
    /// Bytes in a device's description, or in the response to an action.
    package var documentBytes = 256 * 1024
    /// Nesting depth of XML elements.
    package var documentDepth = 32
    /// XML elements in a document.
    package var documentElements = 4_096
    /// Time from connecting to a device to the end of its response.
    package var exchangeTimeout: Interval = .seconds(Int64(10))
    /// External ports tried on a device if the requested one is taken.
    package var portsTried = 6
    /// Events that wait for the reader; older ones are dropped.
    package var waitingEvents = 64

    /// The values above suit home routers.
    package init() {}
}
