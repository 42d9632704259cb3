// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `file-share dht`: uses the DHT.
struct DHT: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dht",
        abstract: "Find peers, and read and write items, in the DHT.",
        discussion: """
            Each command runs a node for as long as it takes. It begins with the nodes that --bootstrap names.

            Examples:
              file-share dht status --bootstrap 192.0.2.1:6881 --seconds 10
              file-share dht peers 2c6b6858d61da9543d4231a71db4b1c9264b0685 --bootstrap 192.0.2.1:6881
              file-share dht put 'Hello World!' --bootstrap 192.0.2.1:6881
              file-share dht get e5f96f6f38320f0f33959cb4d3d656452117aadb --bootstrap 192.0.2.1:6881
            """,
        subcommands: [
            DHTStatusCommand.self, DHTPeers.self, DHTAnnounce.self, DHTGet.self, DHTPut.self, DHTSampleCommand.self,
        ]
    )
}
