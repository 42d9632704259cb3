// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheDHT
import RucheWire

/// `file-share dht get`: reads an item.
struct DHTGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print an item: by its target, or by its author's key.",
        discussion: "A text value is printed as it is, any other value as bencode."
    )

    @Argument(help: "The target of an immutable item: 40 hexadecimal digits.")
    var target: DHTTarget?

    @Option(help: ArgumentHelp("The author's public key: 64 hexadecimal digits.", valueName: "hex"))
    var key: DHTKey?

    @Option(help: "The salt that selects one of the author's items.")
    var salt = ""

    @OptionGroup var dht: DHTOptions
    @OptionGroup var out: OutputOptions

    func validate() throws {
        guard (target == nil) != (key == nil) else { throw ValidationError("Give either a target or --key.") }
    }

    func run() async throws {
        try await out.run { console in
            try await dht.withNode { node in
                let item: DHTItem
                if let key {
                    item = try await node.get(key.key, salt: Array(salt.utf8))
                } else {
                    guard let target else { return }
                    item = try await node.get(NodeID(target.hash))
                }
                var text = String(decoding: item.value, as: UTF8.self)
                if case .string(let bytes) = item.decoded { text = String(decoding: bytes, as: UTF8.self) }
                guard out.json else { return console.print(text) }
                console.print([
                    "event": "item", "value": .string(text),
                    "sequence": item.author.map { .int(Int($0.sequence)) } ?? .null,
                ])
            }
        }
    }
}

/// `file-share dht put`: stores an item.
struct DHTPut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Store a text for two hours, and print its target."
    )

    @Argument(help: "The text; at most about 990 bytes.")
    var text: String

    @Option(
        help: ArgumentHelp("The seed of the author's private key, for an item that can be replaced.", valueName: "hex")
    )
    var secret: DHTSecret?

    @Option(help: "The salt that selects one of the author's items.")
    var salt = ""

    @Option(help: "The version; must be higher than any before.")
    var sequence: Int64 = 1

    @Option(help: ArgumentHelp("Replace only this version.", valueName: "sequence"))
    var replacing: Int64?

    @OptionGroup var dht: DHTOptions
    @OptionGroup var out: OutputOptions

    func run() async throws {
        try await out.run { console in
            let value = BencodeValue.text(text)
            let item =
                if let secret {
                    try DHTItem(value, by: secret.key, salt: Array(salt.utf8), sequence: sequence)
                } else {
                    try DHTItem(value)
                }
            try await dht.withNode { node in
                let count = try await node.put(item, replacing: replacing)
                guard out.json else { return console.print("\(item.target), at \(count) nodes") }
                let key = (item.author?.key).map { "\($0)" }
                console.print([
                    "event": "stored", "target": .string("\(item.target)"), "key": JSONValue(key), "nodes": .int(count),
                ])
            }
        }
    }
}
