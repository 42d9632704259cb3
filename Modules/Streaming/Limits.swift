// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Named limits of this module: on what programs of this machine can make a media server do.
package struct StreamingLimits: Sendable {
    /// Connections of one server; a further one is closed at once. A browser opens six, and a player two or three.
    package var connections = 32
    /// The time in which the head of a request must arrive.
    package var requestTimeout: Interval = .seconds(10)
    /// The time for which a connection may be silent between requests.
    package var idleTimeout: Interval = .minutes(1)
    /// The time for which a player may take no bytes that are offered: it is paused, and resumes with another request.
    package var stalledTimeout: Interval = .minutes(15)
    /// The bytes of a file that wait for one slow player, besides what the system buffers.
    package var writtenByteCount = 256 * 1024

    /// Bytes at which a film's index is looked for, and the largest index that is fetched ahead.
    package var indexByteCount = 16 << 20
    /// Boxes or elements that are looked at to find it.
    package var indexSteps = 64

    /// The values above suit one user's players.
    package init() {}
}
