// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOPosix

/// Accepts TCP connections from programs of this machine, on a port that the system chooses: for local servers, such as
/// that of a player. Nothing of it is reachable over a network.
///
/// Owner: the server, which closes it before the runtime ends.
package struct LoopbackListener: Sendable {
    /// The port on 127.0.0.1.
    package let port: UInt16
    private let channel: any Channel

    /// Starts to accept. `configure` adds the handlers of each connection, on its loop, before anything is read.
    ///
    /// - Throws: `TransportError`.
    package init(
        _ runtime: TransportRuntime,
        configure: @escaping @Sendable (any Channel) throws -> Void
    ) async throws(TransportError) {
        guard let bootstrap = ServerBootstrap(validatingGroup: runtime.nextLoop()) else {
            throw TransportError(.localBinding, "listen on 127.0.0.1: the loops are not the system's")
        }
        do {
            channel =
                try await bootstrap
                .serverChannelOption(ChannelOptions.backlog, value: 32)
                .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try configure(channel) }
                }
                .bind(host: "127.0.0.1", port: 0).get()
        } catch {
            throw TransportError(error, "listen on 127.0.0.1")
        }
        port = UInt16(clamping: channel.localAddress?.port ?? 0)
    }

    /// Refuses further connections. Open ones stay.
    package func close() async { try? await channel.close().get() }
}
