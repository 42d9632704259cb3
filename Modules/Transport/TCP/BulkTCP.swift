// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

/// How peer connections are tuned: NIO's defaults suit many small exchanges, ours are few and large.
///
/// The kernel's own buffers are left to its autotuning, which a fixed `SO_RCVBUF` or `SO_SNDBUF` would turn off.
enum BulkTCP {
    /// Bytes asked for in one read.
    static let receiveBufferBytes = 128 * 1024
    /// Bytes asked for while a connection has never filled so much.
    static let quietReceiveBufferBytes = 2 * 1024
    /// Reads before a connection lets its loop's others go on.
    static let readsPerWakeup = 16
    /// The channel is not writable from `high` bytes in its queue until they have sunk to `low`.
    static let writeWatermarks = ChannelOptions.Types.WriteBufferWaterMark(low: 512 * 1024, high: 1024 * 1024)
    /// Bytes asked for in one read while a stranger has not been adopted.
    static let strangerReceiveBufferBytes = 1024

    /// For a connection on its way to a swarm. It does not read until `startReading`, so nothing that arrives before
    /// the swarm's handler stands in the pipeline can be missed.
    static func bootstrap(on loop: any EventLoop) -> ClientBootstrap {
        common(on: loop)
            .channelOption(ChannelOptions.maxMessagesPerRead, value: UInt(readsPerWakeup))
            .channelOption(
                ChannelOptions.recvAllocator,
                value: GrowingReceiveAllocator(small: quietReceiveBufferBytes, large: receiveBufferBytes)
            )
            .channelOption(ChannelOptions.writeBufferWaterMark, value: writeWatermarks)
    }

    /// For an accepted connection of which nothing is known: small reads, one at a time, when asked for.
    static func strangerBootstrap(on loop: any EventLoop) -> ClientBootstrap {
        common(on: loop)
            .channelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .channelOption(
                ChannelOptions.recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: strangerReceiveBufferBytes)
            )
    }

    /// From now on the channel reads whenever there is something.
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
