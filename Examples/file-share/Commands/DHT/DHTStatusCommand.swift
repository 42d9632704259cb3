// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheDHT
import RucheWire

/// `file-share dht status`: runs a node and reports its status.
struct DHTStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Run a node, and print its status every second."
    )

    @Option(help: "End after this many seconds; without it, run until Ctrl-C.")
    var seconds: Int?

    @OptionGroup var dht: DHTOptions
    @OptionGroup var out: OutputOptions

    func run() async throws {
        try await out.run { console in
            try await dht.withNode { node in
                let endpoints = node.endpoints.map { "\($0)" }
                if out.json {
                    console.print(["event": "listening", "endpoints": JSONValue(endpoints)])
                } else {
                    console.print("Listening at \(endpoints.joined(separator: ", "))")
                }
                var count = 0
                for await status in node.statuses() {
                    console.print(status, json: out.json)
                    count += 1
                    if let seconds, count > seconds { break }
                }
            }
        }
    }
}

extension Console {
    fileprivate func print(_ status: DHTStatus, json: Bool) {
        guard json else {
            let size = status.estimatedNetworkSize.map { "about \($0)" } ?? "unknown"
            return print(
                "\(status.nodeCount) nodes, \(status.goodNodeCount) good; \(Int(status.messagesPerSecond)) messages/s; "
                    + "network \(size); here \(status.storedPeerCount) peers, \(status.storedItemCount) items"
            )
        }
        print([
            "event": "status", "ids": JSONValue(status.ids.map { "\($0)" }), "nodes": .int(status.nodeCount),
            "good": .int(status.goodNodeCount), "messagesPerSecond": .double(status.messagesPerSecond),
            "networkSize": status.estimatedNetworkSize.map { .int($0) } ?? .null,
            "received": .int(status.receivedCount), "sent": .int(status.sentCount),
            "storedPeers": .int(status.storedPeerCount), "storedItems": .int(status.storedItemCount),
        ])
    }
}
