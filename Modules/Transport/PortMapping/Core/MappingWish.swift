// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A local port that others should be able to reach.
package struct MappingWish: Hashable, Sendable {
    package let transport: MappedTransport
    package let port: UInt16

    package init(_ transport: MappedTransport, port: UInt16) {
        self.transport = transport
        self.port = port
    }
}

/// What one mapping method reports to the `PortMapperCore`.
package enum MappingReport: Hashable, Sendable {
    /// A mapping was created, changed or renewed.
    case granted(PortMapping)
    /// A mapping has ended.
    case lost(MappingWish)
    /// This method cannot map the port, and does not try again until it is restarted.
    case refused(MappingWish, PortMappingError)
    /// The router does not support this method, which does nothing until it is restarted.
    case unavailable(PortMappingError)
}
