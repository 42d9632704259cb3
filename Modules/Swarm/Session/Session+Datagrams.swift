// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheTransport

extension Session {
    /// Binds UDP to `port`, the listener's, so that peers find both under one number; to any port if that one is in
    /// use. With a proxy, datagrams go through it, or nowhere.
    ///
    /// - Throws: `TransportError` if UDP cannot be bound at all.
    static func openDatagrams(
        on port: UInt16,
        _ configuration: SessionConfiguration,
        _ runtime: TransportRuntime
    ) async throws(TransportError) -> any DatagramPort {
        if let proxy = configuration.binding.proxy {
            guard proxy.carriesDatagrams else { return ClosedDatagramPort(on: runtime.nextLoop()) }
            return try await ProxiedDatagramPort.open(binding: configuration.binding, runtime: runtime)
        }
        do {
            return try await UDPPort.open(port: port, binding: configuration.binding, runtime: runtime)
        } catch  where port != 0 {
            configuration.logger.warning("UDP port \(port) cannot be bound (\(error)); another is used")
            return try await UDPPort.open(binding: configuration.binding, runtime: runtime)
        }
    }
}
