// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@testable import RucheTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Running out of descriptors. Each test is a separate process, because the limit applies to all of it.
struct DescriptorTests {
    @Test func softLimitIsRaisedAndNeverLowered() async {
        await #expect(processExitsWith: .success) {
            setSoftLimit(64)
            precondition(DescriptorLimit.raise(to: 200) == 200)
            precondition(DescriptorLimit.raise(to: 100) == 200, "it is never lowered")
            precondition(DescriptorLimit.raise(to: .max) >= 200)
        }
    }

    @Test func tooFewAreRefusedBeforeAnyLoopStarts() async {
        await #expect(processExitsWith: .success) {
            setSoftLimit(40)
            do throws(TransportError) {
                try TransportRuntime.checkDescriptors(loopCount: 1)
                preconditionFailure("forty are too few")
            } catch {
                precondition(error.code == .exhausted)
                precondition("\(error)".contains("with a limit of 40"))
            }
            setSoftLimit(60)
            do { try TransportRuntime.checkDescriptors(loopCount: 1) } catch { preconditionFailure("\(error)") }
        }
    }

    @Test func aDialWithoutDescriptorsIsExhaustedAndWorksLater() async {
        await #expect(processExitsWith: .success) {
            try await withRuntime { runtime in
                try await withListener(runtime) { listener, _ in
                    let target = listener.endpoints[0]
                    let dialer = makeDialer(.off, runtime)
                    let taken = takeAllDescriptors()
                    let code = await failure {
                        try await dialer.dial(target, infoHash: .swarm, on: runtime.loops[0], configure: ignore).get()
                    }
                    precondition(code == .exhausted, "\(String(describing: code))")
                    for descriptor in taken { close(descriptor) }
                    _ = try await dialer.dial(target, infoHash: .swarm, on: runtime.loops[0], configure: ignore).get()
                }
            }
        }
    }

    @Test func localShortagesSayNothingAboutTheEndpoint() {
        let ours = [EMFILE, ENFILE, ENOBUFS, ENOMEM].map { TransportError(errno: $0, "dial") }
        #expect(ours.allSatisfy { $0.isWantOfOurs } && TransportError(.limit, "dial").isWantOfOurs)
        let theirs = [ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ECONNRESET].map { TransportError(errno: $0, "dial") }
        #expect(!theirs.contains { $0.isWantOfOurs })
    }

    @Test func strangersWaitWhileDescriptorsAreShort() async {
        await #expect(processExitsWith: .success) {
            try await withRuntime { runtime in
                try await withListener(runtime) { listener, peers in
                    // Its descriptor exists already; the one for accepting does not.
                    let client = try await RawClient(to: listener.endpoints[0], on: runtime)
                    try await client.send(handshakeBytes())
                    _ = await peers.first(1)
                    let second = makeSocket()
                    var taken = takeAllDescriptors()
                    // Other threads may still release descriptors, which are taken as well.
                    usleep(100_000)
                    taken += takeAllDescriptors()
                    connectAndGreet(second, to: listener.port)
                    usleep(300_000)
                    precondition(peers.all.count == 1, "no connection can be accepted")
                    for descriptor in taken { close(descriptor) }
                    _ = await peers.first(2)
                }
            }
        }
    }
}

private func setSoftLimit(_ count: Int) {
    var limit = rlimit()
    #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    let resource = RLIMIT_NOFILE
    #endif
    precondition(getrlimit(resource, &limit) == 0)
    limit.rlim_cur = rlim_t(count)
    precondition(setrlimit(resource, &limit) == 0)
}

/// Opens files until no descriptors are left.
private func takeAllDescriptors() -> [Int32] {
    setSoftLimit(256)
    var taken: [Int32] = []
    while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 { taken.append(descriptor) }
    return taken
}

private func makeSocket() -> Int32 {
    #if canImport(Glibc)
    socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
    socket(AF_INET, SOCK_STREAM, 0)
    #endif
}

private func connectAndGreet(_ descriptor: Int32, to port: UInt16) {
    let connected = SocketAddress(PeerEndpoint(address: .loopbackV4, port: port)).withSockAddr { address, length in
        connect(descriptor, address, socklen_t(length))
    }
    precondition(connected == 0)
    let bytes = handshakeBytes()
    precondition(send(descriptor, bytes, bytes.count, 0) == bytes.count)
}
