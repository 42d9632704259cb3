// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// Sends HTTP requests to a device of the local network: how `PortMapper` talks to UPnP routers. `RouterClient` in
/// RucheHTTP conforms.
package protocol RouterHTTP: Sendable {
    /// Sends the bytes of one HTTP/1.1 request to `endpoint`, over a new connection, and returns the response.
    /// Redirects are not followed.
    ///
    /// - Throws: if no complete response of at most `byteLimit` bytes arrives within `timeout`.
    func ask(
        _ request: ByteBuffer,
        at endpoint: PeerEndpoint,
        byteLimit: Int,
        within timeout: Interval
    ) async throws -> (status: Int, body: ByteBuffer)
}
