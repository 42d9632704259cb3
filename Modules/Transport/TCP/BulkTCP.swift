// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

/// Tunes peer connections. NIO's defaults suit many small exchanges; ours are few and large.
///
/// The kernel's buffers are left to its autotuning, which a fixed `SO_RCVBUF` or `SO_SNDBUF` would disable.
enum BulkTCP {
    /// Bytes requested in one read.
    static let receiveBufferBytes = 128 * 1024
    /// Bytes requested in one read until a connection first fills that many.
    static let quietReceiveBufferBytes = 2 * 1024
    /// Reads before other connections of the loop get their turn.
    static let readsPerWakeup = 16
    /// The channel is not writable from `high` queued bytes until they have fallen to `low`.
    static let writeWatermarks = ChannelOptions.Types.WriteBufferWaterMark(low: 512 * 1024, high: 1024 * 1024)
    /// Bytes requested in one read before a stranger is adopted.
    static let strangerReceiveBufferBytes = 1024

    /// For a connection on its way to a swarm. It does not read until `startReading`, so nothing can arrive before the
    /// swarm's handler is in the pipeline.
    static func bootstrap(on loop: any EventLoop) -> ClientBootstrap {
        common(on: loop)
            .channelOption(ChannelOptions.maxMessagesPerRead, value: UInt(readsPerWakeup))
            .channelOption(
                ChannelOptions.recvAllocator,
                value: GrowingReceiveAllocator(small: quietReceiveBufferBytes, large: receiveBufferBytes)
            )
            .channelOption(ChannelOptions.writeBufferWaterMark, value: writeWatermarks)
    }

    /// For an accepted connection of an unknown peer: small reads, one at a time, on request.
    static func strangerBootstrap(on loop: any EventLoop) -> ClientBootstrap {
        common(on: loop)
            .channelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .channelOption(
                ChannelOptions.recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: strangerReceiveBufferBytes)
            )
    }

    /// Makes the channel read from now on whenever data is available.
    static func startReading(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(ChannelOptions.autoRead, value: true)
    }

    private static func common(on loop: any EventLoop) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: false)
            .channelOption(ChannelOptions.autoRead, value: false)
    }
}
