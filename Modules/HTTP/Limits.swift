// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of this module: on what a server can make us do, and on what we ask of servers.
package struct HTTPLimits: Sendable {
    /// Bytes in a URL.
    package var urlByteCount = 16 * 1024
    /// Bytes in the lines before a response's body, and in the trailers after its last chunk.
    package var headByteCount = 64 * 1024
    /// Fields in a response.
    package var fieldCount = 128
    /// Interim responses (status 1xx) before the final one.
    package var interimAnswers = 8
    /// Bytes in the line before a chunk.
    package var chunkLineByteCount = 4 * 1024
    /// Bytes of chunk extensions in one body, in addition to a quarter of the body's bytes received so far.
    package var chunkExtensionByteCount = 64 * 1024
    /// Bytes of a body that wait for the caller, including overhead. Above this the connection is not read.
    package var bufferedBodyByteCount = 256 * 1024
    /// Bytes of an unwanted body that are read to keep its connection usable.
    package var discardedBodyByteCount = 16 * 1024

    /// Concurrent requests to one host; further ones wait for their turn.
    package var requestsPerHost = 8
    /// Concurrent requests to all hosts.
    package var requests = 128
    /// Requests that wait for their turn; further ones fail with `.limit`.
    package var queuedRequests = 65_536
    /// Idle connections kept for one host.
    package var idlePerHost = 4
    /// Idle connections kept in all; the one that has been idle longest is closed first.
    package var idle = 64
    /// Time for which an idle connection is kept.
    package var idleTime: Interval = .seconds(30)

    /// Addresses of one host that are dialled.
    package var addressesTried = 4
    /// Head start of an address before the next address of its host is dialled as well (RFC 8305).
    package var connectHeadStart: Interval = .milliseconds(250)
    /// Time limit for resolving a name.
    package var lookupTimeout: Interval = .seconds(20)
    /// Time limit for connecting to one address.
    package var connectTimeout: Interval = .seconds(10)
    /// Time without any bytes while a response is awaited or being read.
    package var silenceTimeout: Interval = .seconds(30)
    /// Time from a request to the last byte of its response, without redirects.
    package var answerTimeout: Interval = .minutes(10)
    /// Redirects followed from one URL.
    package var redirects = 5
    /// Redirects that are remembered.
    package var rememberedRedirects = 1024

    /// The values above suit trackers and web seeds.
    package init() {}
}
