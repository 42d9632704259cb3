// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Asks the system's name servers from sockets with a local binding: the system's resolver would ask them by any way.
///
/// Blocks like the system's resolver, so `NameLookup` runs it. It asks for names as they are, without search domains.
struct BoundNames: Sendable {
    private let binding: LocalBinding

    private static let tries = 2
    private static let answerMilliseconds: Int32 = 2_000
    private static let datagramByteCount = 4_096
    private static let fileByteCount = 1 << 20

    init(_ binding: LocalBinding) { self.binding = binding }

    /// Returns the distinct addresses of `name`, IPv4 first.
    func resolve(_ name: String) -> NameLookup.Answer {
        let known = NameSettings.addresses(of: name, inHosts: Self.read("/etc/hosts"))
        if !known.isEmpty { return .success(known) }
        var failure = TransportError(.timeout, "look up \(name)")
        for _ in 0..<Self.tries {
            for server in Self.servers() {
                do throws(TransportError) {
                    if let addresses = try ask(server, name) { return .success(addresses) }
                } catch {
                    failure = error
                }
            }
        }
        return .failure(failure)
    }

    /// A stub on this machine is asked by the loopback interface; then its own servers are in another file (systemd-resolved).
    private static func servers() -> [PeerEndpoint] {
        let servers = NameSettings.servers(in: read("/etc/resolv.conf"))
        guard servers.allSatisfy(\.address.isLoopback) else { return servers }
        let behind = NameSettings.servers(in: read("/run/systemd/resolve/resolv.conf"))
        return behind.isEmpty ? servers : behind
    }

    /// Asks for both families at once. Nil if the server does not answer, or fails.
    private func ask(_ server: PeerEndpoint, _ name: String) throws(TransportError) -> [IPAddress]? {
        var random = SecureRandom()
        let questions = DNSQuestion.Kind.allCases.compactMap { kind in
            DNSQuestion(name, kind, id: .random(in: .min ... .max, using: &random))
        }
        guard !questions.isEmpty else { return [] }
        let socket = try open(to: server)
        defer { close(socket) }
        for question in questions {
            let bytes = question.encoded()
            guard bytes.withUnsafeReadableBytes({ send(socket, $0.baseAddress, $0.count, 0) }) == bytes.readableBytes
            else {
                throw TransportError(errno: errno, "ask \(server)")
            }
        }
        var answers: [DNSQuestion: [IPAddress]] = [:]
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        while answers.count < questions.count, poll(&polled, 1, Self.answerMilliseconds) > 0 {
            guard let datagram = Self.receive(from: socket) else { break }
            for question in questions where answers[question] == nil {
                answers[question] = DNSAnswer(parsing: datagram, to: question)?.addresses
            }
        }
        guard !answers.isEmpty else { return nil }
        var found: [IPAddress] = []
        for question in questions {
            for address in answers[question] ?? [] where !found.contains(address) { found.append(address) }
        }
        return found
    }

    /// Opens a socket by the binding. It is connected, so that only the server's datagrams arrive.
    private func open(to server: PeerEndpoint) throws(TransportError) -> Int32 {
        let isIPv4 = server.address.isIPv4
        #if canImport(Glibc)
        let kind = Int32(SOCK_DGRAM.rawValue)
        #else
        let kind = SOCK_DGRAM
        #endif
        let descriptor = socket(isIPv4 ? AF_INET : AF_INET6, kind, 0)
        guard descriptor >= 0 else { throw TransportError(errno: errno, "ask \(server)") }
        do throws(TransportError) {
            Descriptor.setNonBlockingCloseOnExec(descriptor)
            if let interface = binding.interface {
                try InterfaceOption(interface: interface, isIPv4: isIPv4).apply(to: descriptor)
            }
            if let source = try binding.source(for: server.address) {
                try Self.call(bind, descriptor, PeerEndpoint(address: source, port: 0), "ask \(server)")
            }
            try Self.call(connect, descriptor, server, "ask \(server)")
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ endpoint: PeerEndpoint,
        _ action: String
    ) throws(TransportError) {
        let status = SocketAddress(endpoint).withSockAddr { function(descriptor, $0, socklen_t($1)) }
        guard status == 0 else { throw TransportError(errno: errno, action) }
    }

    private static func receive(from socket: Int32) -> ByteBuffer? {
        var bytes = [UInt8](repeating: 0, count: datagramByteCount)
        let count = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        return count > 0 ? ByteBuffer(bytes: bytes[..<count]) : nil
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: fileByteCount)
        let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
