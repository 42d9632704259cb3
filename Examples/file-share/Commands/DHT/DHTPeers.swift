// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheDHT
import RucheWire

/// `file-share dht peers`: lists the peers of a torrent.
struct DHTPeers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "peers", abstract: "Print the peers of a torrent.")

    @Argument(help: "The torrent's info-hash: 40 hexadecimal digits.")
    var infoHash: DHTTarget

    @OptionGroup var dht: DHTOptions
    @OptionGroup var out: OutputOptions

    func run() async throws {
        try await out.run { console in
            try await dht.withNode { node in
                for try await peers in node.findPeers(of: infoHash.hash) {
                    for peer in peers {
                        if out.json {
                            console.print(["event": "peer", "endpoint": .string("\(peer)")])
                        } else {
                            console.print("\(peer)")
                        }
                    }
                }
            }
        }
    }
}

/// `file-share dht announce`: announces a peer of a torrent.
struct DHTAnnounce: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "announce",
        abstract: "Announce a peer of a torrent, for half an hour."
    )

    @Argument(help: "The torrent's info-hash: 40 hexadecimal digits.")
    var infoHash: DHTTarget

    @Option(help: "The port on which the peer accepts connections.")
    var port: UInt16

    @Flag(help: "The peer has all of the torrent.")
    var seed = false

    @OptionGroup var dht: DHTOptions
    @OptionGroup var out: OutputOptions

    func run() async throws {
        try await out.run { console in
            try await dht.withNode { node in
                let count = try await node.announce(infoHash.hash, DHTAnnouncement(port: port, isSeed: seed))
                if out.json {
                    console.print(["event": "announced", "nodes": .int(count)])
                } else {
                    console.print("\(count) nodes stored it.")
                }
            }
        }
    }
}

/// `file-share dht sample`: lists torrents that nodes know.
struct DHTSampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Print info-hashes for which nodes near a point know peers."
    )

    @Argument(help: "The point: 40 hexadecimal digits.")
    var near: DHTTarget

    @OptionGroup var dht: DHTOptions
    @OptionGroup var out: OutputOptions

    func run() async throws {
        try await out.run { console in
            try await dht.withNode { node in
                let sample = try await node.sample(near: NodeID(near.hash))
                if out.json {
                    return console.print(["event": "sample", "hashes": JSONValue(sample.infoHashes.map { "\($0)" })])
                }
                for hash in sample.infoHashes { console.print("\(hash)") }
            }
        }
    }
}
