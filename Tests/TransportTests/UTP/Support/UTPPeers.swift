// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire

/// A sink that reads everything, and may send it back.
final class UTPRecorder: PeerStreamSink {
    let inbox: Inbox<UInt8>
    let errors = Inbox<TransportError?>()
    let tags = Inbox<UInt32>()
    private let stream: UTPStream
    private let echoes: Bool

    init(_ stream: UTPStream, inbox: Inbox<UInt8> = .init(), echoes: Bool = false) {
        self.stream = stream
        self.inbox = inbox
        self.echoes = echoes
    }

    func handleReceived(_ bytes: ByteBuffer) {
        inbox.append(bytes.readableBytesView)
        if echoes { stream.write(bytes, tag: nil) }
    }

    func handleReadDone() {
        stream.flush()
        stream.read(.batch)
    }

    func handleWritable() {}

    func handleWritten(_ tag: UInt32) { tags.append([tag]) }

    func handleClosed() {
        errors.append([stream.closeError])
        inbox.close()
    }
}

/// Runs a test with two uTP sockets on loopback, of which the second echoes; they are closed afterwards.
func withUTPSockets(
    limits: UTPLimits = .init(),
    accepts: Bool = true,
    _ body: (UTPSocket, UTPSocket, PeerEndpoint) async throws -> Void
) async throws {
    try await withRuntime { runtime in
        let first = try await UDPPort.open(binding: .loopback, runtime: runtime)
        let second = try await UDPPort.open(binding: .loopback, runtime: runtime)
        let left = UTPSocket(on: first, limits: limits)
        let right = UTPSocket(on: second, limits: limits)
        if accepts {
            right.listen { stream in
                stream.attach(UTPRecorder(stream, echoes: true))
                stream.read(.batch)
            }
        }
        // Both are attached once their loops have run something after that.
        try await first.loop.submit {}.get()
        try await second.loop.submit {}.get()
        try await body(left, right, second.endpoints[0])
        await left.close()
        await right.close()
        await first.close()
        await second.close()
    }
}

extension UTPSocket {
    func dial(_ remote: PeerEndpoint, deadline: Interval = .minutes(5)) async throws -> UTPStream {
        try await withCheckedThrowingContinuation { continuation in
            dial(remote, deadline: deadline) { continuation.resume(with: $0) }
        }
    }
}

extension UTPStream {
    /// Attaches a sink that keeps what arrives.
    func record(into inbox: Inbox<UInt8>) async throws -> Inbox<TransportError?> {
        try await loop.submit {
            let recorder = UTPRecorder(self, inbox: inbox)
            self.attach(recorder)
            self.read(.batch)
            return recorder.errors
        }.get()
    }

    func send(_ bytes: [UInt8]) async throws {
        try await loop.submit {
            self.write(ByteBuffer(bytes: bytes), tag: nil)
            self.flush()
        }.get()
    }
}
