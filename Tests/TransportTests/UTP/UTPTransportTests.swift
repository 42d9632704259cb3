// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheTransport
import RucheWire
import Testing

/// uTP as a transport.
struct UTPTransportTests {
    @Test(.timeLimit(.minutes(10)))
    func conforms() async throws {
        try await withRuntime(loops: 2) { runtime in
            let first = try await UDPPort.open(binding: .loopback, runtime: runtime)
            let second = try await UDPPort.open(binding: .loopback, runtime: runtime)
            let violations = try await checkPeerTransport(
                dialling: UTPTransport(on: first),
                listening: UTPTransport(on: second),
                runtime: runtime
            )
            #expect(violations.isEmpty, "\(violations)")
            await first.close()
            await second.close()
        }
    }
}
