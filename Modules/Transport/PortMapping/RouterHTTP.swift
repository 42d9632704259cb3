// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// Carries a request to a device of this network and its answer back: how `PortMapper` speaks to UPnP routers. RucheHTTP
/// has one, `RouterClient`.
public protocol RouterHTTP: Sendable {
    /// Sends the bytes of one HTTP/1.1 request to `endpoint`, over a connection of its own, and returns the answer. No
    /// redirect is followed.
    ///
    /// - Throws: where no whole answer of at most `byteLimit` bytes comes within `timeout`.
    func ask(
        _ request: ByteBuffer,
        at endpoint: PeerEndpoint,
        byteLimit: Int,
        within timeout: Interval
    ) async throws -> (status: Int, body: ByteBuffer)
}
