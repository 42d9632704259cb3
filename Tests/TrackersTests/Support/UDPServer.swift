// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Synchronization
import Testing

/// A UDP tracker (BEP 15) that knows fixed peers, or answers with bytes from the test.
final class UDPServer: Sendable {
    struct Request: Sendable {
        let action: UInt32
        let connection: UInt64
        let bytes: [UInt8]
    }

    /// Returns what follows action and transaction in a response; nil for no response.
    typealias Answer = @Sendable (Request) -> (action: UInt32, body: [UInt8])?

    static let connection: UInt64 = 0x0123_4567_89ab_cdef

    let endpoint: PeerEndpoint
    private let service: Service

    var requests: [Request] { service.requests.withLock { $0 } }

    init(on runtime: TransportRuntime, at address: IPAddress = .loopbackV4, answer: @escaping Answer) async throws {
        let port = try await UDPPort.open(binding: LocalBinding(addresses: [address]), runtime: runtime)
        service = Service(port, answer)
        endpoint = try #require(port.endpoints.first)
        try await port.loop.submit { [service] in port.attach(service, order: .version) }.get()
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

    private final class Service: DatagramService {
        let requests = Mutex<[Request]>([])
        private let port: UDPPort
        private let answer: Answer

        init(_ port: UDPPort, _ answer: @escaping Answer) {
            self.port = port
            self.answer = answer
        }

        func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool { true }

        func handleReceived(_ datagrams: [Datagram]) {
            for var datagram in datagrams {
                while let bytes = datagram.nextSegment() { handle(bytes, from: datagram.sender) }
            }
            port.flush(from: port.loop)
        }

        private func handle(_ bytes: ByteBuffer, from sender: PeerEndpoint) {
            var rest = bytes
            let words = rest.readMultipleIntegers(as: (UInt64, UInt32, UInt32).self)
            guard let (connection, action, transaction) = words else { return }
            let request = Request(action: action, connection: connection, bytes: Array(buffer: rest))
            requests.withLock { $0.append(request) }
            guard let (kind, body) = answer(request) else { return }
            var reply = ByteBuffer()
            reply.writeMultipleIntegers(kind, transaction)
            reply.writeBytes(body)
            port.send(reply, segmentBytes: nil, to: sender, from: port.loop)
        }
    }
}
