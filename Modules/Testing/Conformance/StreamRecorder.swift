// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// A sink that keeps what its stream says, for a check to wait on.
final class StreamRecorder: PeerStreamSink, Sendable {
    struct Record {
        var bytes: [UInt8] = []
        var tags: [UInt32] = []
        var closedCount = 0
        /// Something was said after the end.
        var isOutspoken = false
    }

    private struct State {
        var record = Record()
        var waiters: [(isDone: @Sendable (Record) -> Bool, continuation: CheckedContinuation<Record, Never>)] = []
    }

    let stream: any PeerStream
    private let reads: Bool
    private let state = Locked(State())

    /// One that never `reads` leaves everything to the transport.
    init(_ stream: any PeerStream, reads: Bool = true) {
        self.stream = stream
        self.reads = reads
    }

    /// Attached to a connection.
    static func configure(_ connection: PeerConnection, reads: Bool = true) -> StreamRecorder {
        let recorder = StreamRecorder(connection.stream, reads: reads)
        connection.stream.attach(recorder)
        return recorder
    }

    func handleReceived(_ bytes: ByteBuffer) { update { $0.bytes += bytes.readableBytesView } }

    func handleReadDone() { if reads { stream.read(.batch) } }

    func handleWritable() {}

    func handleWritten(_ tag: UInt32) { update { $0.tags.append(tag) } }

    func handleClosed() { update { $0.closedCount += 1 } }

    /// The record as soon as it satisfies `isDone`, or the stream is closed.
    func record(when isDone: @escaping @Sendable (Record) -> Bool) async -> Record {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiters.append((isDone, continuation)) }
            update { _ in }
        }
    }

    /// Writes in one go: each stretch of `bytes` with its position as its tag.
    func write(_ stretches: [[UInt8]]) async {
        let stream = stream
        try? await stream.loop.submit {
            for (index, bytes) in stretches.enumerated() {
                stream.write(ByteBuffer(bytes: bytes), tag: UInt32(index))
            }
            stream.flush()
        }.get()
    }

    func close() async {
        let stream = stream
        try? await stream.loop.submit { stream.close() }.get()
    }

    private func update(_ change: (inout Record) -> Void) {
        let (record, done) = state.withLock { state in
            let wasClosed = state.record.closedCount > 0
            let before = (state.record.bytes.count, state.record.tags.count)
            change(&state.record)
            let record = state.record
            if wasClosed, (record.bytes.count, record.tags.count) != before { state.record.isOutspoken = true }
            let done = state.waiters.filter { record.closedCount > 0 || $0.isDone(record) }
            state.waiters.removeAll { record.closedCount > 0 || $0.isDone(record) }
            return (state.record, done)
        }
        for waiter in done { waiter.continuation.resume(returning: record) }
    }
}
