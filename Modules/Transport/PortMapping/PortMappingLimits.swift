// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of port mapping: on what a router may make us keep or do, and on what we ask of it.
public struct PortMappingLimits: Sendable {
    /// Seconds that a mapping is asked for.
    public var lifetimeSeconds = 3_600
    /// The shortest time between two renewals of a mapping, however short its lifetime.
    public var renewalPause: Interval = .seconds(Int64(4))
    /// The longest time until a mapping is renewed, however long its lifetime.
    public var longestRenewal: Interval = .minutes(Int64(60))

    /// PCP requests sent to a gateway that never answers, before NAT-PMP is tried.
    public var pcpAttempts = 2
    /// Until a PCP request is repeated the first time (RFC 6887, section 8.1.1).
    public var pcpInitialWait: Interval = .seconds(Int64(3))
    /// The longest wait between two PCP requests (RFC 6887, section 8.1.1).
    public var pcpLongestWait: Interval = .seconds(Int64(1024))
    /// NAT-PMP requests sent without an answer before the gateway counts as silent.
    public var natPMPAttempts = 7
    /// Until a NAT-PMP request is repeated the first time; doubles each time (RFC 6886, section 3.1).
    public var natPMPInitialWait: Interval = .milliseconds(Int64(250))
    /// Requests that take a mapping back are repeated this often while no answer comes.
    public var removalAttempts = 3
    /// Between two requests that take a mapping back.
    public var removalWait: Interval = .milliseconds(Int64(250))

    /// Silence of the gateway after which UPnP is tried beside PCP and NAT-PMP.
    public var headStart: Interval = .seconds(Int64(2))
    /// After everything failed: until all is tried again. Doubles each time, up to `longestRetry`.
    public var retry: Interval = .minutes(Int64(2))
    /// The longest time until all is tried again.
    public var longestRetry: Interval = .minutes(Int64(60))
    /// Between two looks at this machine's default route.
    public var gatewayCheck: Interval = .seconds(Int64(30))
    /// From `close()` to the end, with or without the router's answers.
    public var closing: Interval = .seconds(Int64(3))

    /// Searches for UPnP devices sent before nobody counts as there.
    public var searches = 3
    /// Between two searches; also the time for answers after the last one.
    public var searchPause: Interval = .seconds(Int64(2))
    /// UPnP devices considered in one search.
    public var devices = 8
    /// Bytes of a search's answer.
    public var searchAnswerBytes = 4 * 1024
    /// Bytes of a device's description, or of an answer to an action.
    public var documentBytes = 256 * 1024
    /// XML elements within elements.
    public var documentDepth = 32
    /// XML elements in a document.
    public var documentElements = 4_096
    /// From connecting to a device to the end of its answer.
    public var exchangeTimeout: Interval = .seconds(Int64(10))
    /// External ports tried on a device where the one asked for is taken.
    public var portsTried = 6
    /// Events that wait for their reader; older ones are dropped.
    public var waitingEvents = 64

    /// Limits that suit home routers.
    public init() {}
}
