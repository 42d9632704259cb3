// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheCrypto
import RucheDHT
import RucheTransport
import RucheWire

/// How a command runs a DHT node.
struct DHTOptions: ParsableArguments {
    @Option(
        name: .customLong("bootstrap"),
        help: ArgumentHelp("A node to bootstrap from, as HOST:PORT; may be repeated.", valueName: "host:port")
    )
    var bootstrap: [PeerAddress] = []

    @Option(help: ArgumentHelp("Where to run the node: ADDRESS:PORT, [ADDRESS]:PORT or PORT.", valueName: "where"))
    var listen: ListenAddress?

    /// Runs a node, lets it join the network, and closes it afterwards.
    func withNode(_ work: (DHTNode) async throws -> Void) async throws {
        try TransportRuntime.checkDescriptors(loopCount: 1)
        var known: [PeerEndpoint] = []
        for node in bootstrap { known += try await node.find("node") }
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        do {
            let node = try await DHTNode.open(
                port: listen?.port ?? 0,
                binding: LocalBinding(addresses: listen?.address.map { [$0] } ?? []),
                configuration: DHTConfiguration(bootstrap: known),
                runtime: runtime
            )
            do {
                try await work(node)
            } catch {
                await node.close()
                throw error
            }
            await node.close()
        } catch {
            await runtime.shutdown()
            throw error
        }
        await runtime.shutdown()
    }
}

/// An info-hash or an item's target: 40 hexadecimal digits.
struct DHTTarget: ExpressibleByArgument {
    let hash: SHA1Digest

    init?(argument: String) {
        guard let hash = SHA1Digest(hex: argument) else { return nil }
        self.hash = hash
    }
}

/// The key that verifies an author's items: 64 hexadecimal digits.
struct DHTKey: ExpressibleByArgument {
    let key: Ed25519.PublicKey

    init?(argument: String) {
        guard let key = Ed25519.PublicKey(hex: argument) else { return nil }
        self.key = key
    }
}

/// The seed of an author's private key: 64 hexadecimal digits.
struct DHTSecret: ExpressibleByArgument {
    let key: Ed25519.PrivateKey

    init?(argument: String) {
        guard let bytes = Hex.decode(argument), let key = try? Ed25519.PrivateKey(seed: SecretBytes(copying: bytes))
        else { return nil }
        self.key = key
    }
}
