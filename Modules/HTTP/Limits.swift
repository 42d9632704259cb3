// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of this module: on what servers may make us do, and on what we ask of them.
public struct HTTPLimits: Sendable {
    /// Bytes of a URL.
    public var urlByteCount = 16 * 1024
    /// Bytes of the lines before an answer's body, and of those behind the last chunk.
    public var headByteCount = 64 * 1024
    /// Fields of an answer.
    public var fieldCount = 128
    /// Interim answers (status 1xx) before the answer itself.
    public var interimAnswers = 8
    /// Bytes of the line before a chunk.
    public var chunkLineByteCount = 4 * 1024
    /// Bytes of a body's chunk extensions, beside a quarter of the bytes that came of it.
    public var chunkExtensionByteCount = 64 * 1024
    /// Bytes of a body that wait to be taken, and what they take beside; the connection is read no further while there are more.
    public var bufferedBodyByteCount = 256 * 1024
    /// Bytes of an unwanted body that are read so that its connection can be kept.
    public var discardedBodyByteCount = 16 * 1024

    /// Requests under way at once to one host; more wait for their turn.
    public var requestsPerHost = 8
    /// Requests under way at once to all hosts.
    public var requests = 128
    /// Requests that wait for their turn; further ones fail with `.limit`.
    public var queuedRequests = 65_536
    /// Idle connections kept for one host.
    public var idlePerHost = 4
    /// Idle connections kept in all; the one that has been idle longest gives way.
    public var idle = 64
    /// Time that an idle connection is kept.
    public var idleTime: Interval = .seconds(30)

    /// Addresses of one host that are tried.
    public var addressesTried = 4
    /// Head start of an address before the next one of its host is dialled too (RFC 8305).
    public var connectHeadStart: Interval = .milliseconds(250)
    /// From a name's lookup to its addresses.
    public var lookupTimeout: Interval = .seconds(20)
    /// From the first packet to an open connection, for each address.
    public var connectTimeout: Interval = .seconds(10)
    /// Of silence while an answer is awaited, or in its middle.
    public var silenceTimeout: Interval = .seconds(30)
    /// From a request to the last byte of its answer, redirects not included.
    public var answerTimeout: Interval = .minutes(10)
    /// Redirects followed from one URL.
    public var redirects = 5
    /// Redirects remembered.
    public var rememberedRedirects = 1024

    /// Limits that suit trackers and web seeds.
    public init() {}
}
