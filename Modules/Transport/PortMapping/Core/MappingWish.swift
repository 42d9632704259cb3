// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// A port of ours that others should reach.
package struct MappingWish: Hashable, Sendable {
    package let transport: MappedTransport
    package let port: UInt16

    package init(_ transport: MappedTransport, port: UInt16) {
        self.transport = transport
        self.port = port
    }
}

/// What one method of mapping tells the `PortMapperCore` above it.
package enum MappingReport: Hashable, Sendable {
    /// A mapping is there, has moved, or was renewed.
    case granted(PortMapping)
    /// A mapping has ended.
    case lost(MappingWish)
    /// This method cannot map the port; it does not try again before it is started anew.
    case refused(MappingWish, PortMappingError)
    /// Nobody speaks this method; it does nothing until it is started anew.
    case unavailable(PortMappingError)
}
