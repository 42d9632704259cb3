// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A tracker over HTTP that knows no peers, and records the event of each announce. It can refuse the completion.
final class PlainTracker: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let state = Mutex(State())

    private struct State {
        var events: [String] = []
        var refusesCompletion = false
        var readers: [AsyncStream<String>.Continuation] = []
    }

    init() throws {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, raw, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in serve() }
    }

    var url: String { "http://127.0.0.1:\(port)/announce" }

    /// The events since `refuseCompletion` was last called: `started`, `completed`, `stopped`, or an empty string.
    var events: [String] { state.withLock { $0.events } }

    /// Sets whether a completion is answered with an error, and forgets the recorded events.
    func refuseCompletion(_ refuses: Bool) {
        state.withLock { ($0.events, $0.refusesCompletion) = ([], refuses) }
    }

    /// Returns once `event` has been announced since `refuseCompletion` was last called, or the task is cancelled.
    func wait(for event: String) async {
        let (events, continuation) = AsyncStream.makeStream(of: String.self)
        state.withLock { state in
            for event in state.events { continuation.yield(event) }
            state.readers.append(continuation)
        }
        for await told in events where told == event { return }
    }

    /// Accepts no more connections.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else { break }
            Thread.detachNewThread { [self] in serve(client) }
        }
        _ = Foundation.close(descriptor)
    }

    private func serve(_ client: Int32) {
        defer { _ = Foundation.close(client) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return }
        let answer = answer(String(decoding: buffer.prefix(count), as: UTF8.self))
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(answer.utf8.count)\r\nConnection: close\r\n\r\n"
        let bytes = Array((head + answer).utf8)
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func answer(_ request: String) -> String {
        let event = request.firstRange(of: "event=").map { request[$0.upperBound...].prefix { $0.isLetter } } ?? ""
        return state.withLock { state in
            state.events.append(String(event))
            for reader in state.readers { reader.yield(String(event)) }
            let isRefused = state.refusesCompletion && event == "completed"
            return isRefused ? "d14:failure reason4:busye" : "d8:intervali1800e5:peers0:e"
        }
    }
}
