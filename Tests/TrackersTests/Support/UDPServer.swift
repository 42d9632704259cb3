// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Synchronization

/// A UDP tracker (BEP 15) that knows fixed peers, or answers with bytes of the test's making.
final class UDPServer: Sendable {
    struct Request: Sendable {
        let action: UInt32
        let connection: UInt64
        let bytes: [UInt8]
    }

    /// What follows action and transaction in an answer; nil: no answer.
    typealias Answer = @Sendable (Request) -> (action: UInt32, body: [UInt8])?

    static let connection: UInt64 = 0x0123_4567_89ab_cdef

    private final class State: Sendable {
        let requests = Mutex<[Request]>([])
        let socket = Mutex<UDPSocket?>(nil)
    }

    let endpoint: PeerEndpoint
    private let state = State()

    var requests: [Request] { state.requests.withLock { $0 } }

    init(on runtime: TransportRuntime, at address: IPAddress = .loopbackV4, answer: @escaping Answer) async throws {
        let state = state
        let socket = try await UDPSocket.bind(
            UDPSocket.Family(of: address),
            binding: LocalBinding(addresses: [address]),
            on: runtime.loops[0]
        ) { sender, datagram in
            var rest = datagram
            let words = rest.readMultipleIntegers(as: (UInt64, UInt32, UInt32).self)
            guard let (connection, action, transaction) = words else { return }
            let request = Request(action: action, connection: connection, bytes: Array(buffer: rest))
            state.requests.withLock { $0.append(request) }
            guard let (kind, body) = answer(request) else { return }
            var reply = ByteBuffer()
            reply.writeMultipleIntegers(kind, transaction)
            reply.writeBytes(body)
            state.socket.withLock { $0 }?.send(reply, to: sender)
        }.get()
        endpoint = socket.local
        state.socket.withLock { $0 = socket }
    }

    func url(_ path: String = "/announce") -> String { "udp://\(endpoint)\(path)" }

    /// Answers as a tracker should: each announce with `peers`, each scrape with 1, 2, 3 for every swarm.
    static func tracker(interval: UInt32 = 1800, peers: [PeerEndpoint]) -> Answer {
        { request in
            var body = ByteBuffer()
            switch request.action {
            case 0: body.writeInteger(connection)
            case _ where request.connection != connection: return (3, Array("bad connection".utf8))
            case 1:
                body.writeMultipleIntegers(interval, 4 as UInt32, 5 as UInt32)
                body.writeBytes(peers.flatMap(\.compactBytes))
            default:
                for _ in 0..<request.bytes.count / 20 {
                    body.writeMultipleIntegers(1 as UInt32, 2 as UInt32, 3 as UInt32)
                }
            }
            return (request.action, Array(buffer: body))
        }
    }
}
