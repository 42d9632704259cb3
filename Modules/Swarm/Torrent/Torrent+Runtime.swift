// SPDX-License-Identifier: Apache-2.0

package import RucheTransport

extension Torrent {
    /// The threads of its session, for what serves its content; nil once the session has ended.
    package var runtime: TransportRuntime? { services?.environment.runtime }
}
