// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import Synchronization

/// Collects what arrives, for a test to wait for.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isClosed = false
        var waiters: [(count: Int, continuation: CheckedContinuation<[Element], Never>)] = []
    }

    private let state = Mutex(State())

    var all: [Element] { state.withLock { $0.elements } }

    func append(_ new: some Collection<Element>) {
        update { $0.elements += new }
    }

    func close() {
        update { $0.isClosed = true }
    }

    /// Returns the first `count` elements once they have arrived; fewer if the inbox is closed before.
    func first(_ count: Int) async -> [Element] {
        await withCheckedContinuation { continuation in
            update { $0.waiters.append((count, continuation)) }
        }
    }

    /// Returns all elements, once the inbox is closed.
    func untilClosed() async -> [Element] { await first(.max) }

    private func update(_ change: (inout State) -> Void) {
        let served = state.withLock { state in
            change(&state)
            let servedCount = state.isClosed ? .max : state.elements.count
            let served = state.waiters.filter { $0.count <= servedCount }
            state.waiters.removeAll { $0.count <= servedCount }
            return served.map { (Array(state.elements.prefix($0.count)), $0.continuation) }
        }
        for (elements, continuation) in served { continuation.resume(returning: elements) }
    }
}

/// Puts all bytes that a channel reads into an inbox, which closes with the channel.
final class InboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: Inbox<UInt8>

    init(_ inbox: Inbox<UInt8>) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbox.append(unwrapInboundIn(data).readableBytesView)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.close()
    }
}

/// Puts all bytes that a stream reads into an inbox, which closes with the stream.
final class InboxSink: PeerStreamSink, @unchecked Sendable {  // confined to the stream's loop
    private let connection: PeerConnection
    private let inbox: Inbox<UInt8>
    /// Tags of completed writes; closes with the stream.
    private let tags: Inbox<UInt32>

    init(_ connection: PeerConnection, _ inbox: Inbox<UInt8>, tags: Inbox<UInt32> = .init()) {
        self.connection = connection
        self.inbox = inbox
        self.tags = tags
    }

    func handleReceived(_ bytes: ByteBuffer) { inbox.append(bytes.readableBytesView) }

    func handleReadDone() { connection.stream.read(.batch) }

    func handleWritable() {}

    func handleWritten(_ tag: UInt32) { tags.append([tag]) }

    func handleClosed() {
        inbox.close()
        tags.close()
        connection.handleClosed()
    }
}

extension PeerConnection {
    /// Writes and flushes.
    func send(_ bytes: [UInt8]) async throws {
        try await stream.loop.submit {
            stream.write(ByteBuffer(bytes: bytes), tag: nil)
            stream.flush()
        }.get()
    }

    func close() async throws {
        try await stream.loop.submit { stream.close() }.get()
    }
}
