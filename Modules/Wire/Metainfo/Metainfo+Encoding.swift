// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

extension Metainfo {
    /// The bytes of a .torrent file. The info dictionary is copied verbatim, which preserves its hashes.
    public func encoded() -> [UInt8] {
        var encoder = BencodeEncoder(capacity: info.bytes.count + 1024)
        encoder.dictionary { torrent in
            torrent.entry("announce", trackers.first?.first)
            if trackers.count > 1 || trackers.contains(where: { $0.count > 1 }) {
                torrent.key("announce-list")
                torrent.list { tiers in
                    for tier in trackers { tiers.strings(tier) }
                }
            }
            torrent.entry("comment", comment)
            torrent.entry("created by", createdBy)
            torrent.entry("creation date", creationDateSeconds)
            torrent.key("info")
            torrent.encoded(info.bytes)
            if !nodes.isEmpty { torrent.nodes(nodes) }
            // BEP 52 requires the key in every v2 torrent, even if no file is long enough for a layer.
            if info.hashes.v2 != nil { torrent.pieceLayers(pieceLayers) }
            if !webSeeds.isEmpty {
                torrent.key("url-list")
                torrent.strings(webSeeds)
            }
        }
        return encoder.bytes
    }
}

extension BencodeEncoder {
    /// Writes a list of strings.
    mutating func strings(_ texts: [String]) {
        list { list in
            for text in texts { list.string(text) }
        }
    }

    fileprivate mutating func nodes(_ nodes: [NamedEndpoint]) {
        key("nodes")
        list { list in
            for node in nodes {
                list.list { pair in
                    pair.string(node.host)
                    pair.integer(node.port)
                }
            }
        }
    }

    fileprivate mutating func pieceLayers(_ layers: [SHA256Digest: [SHA256Digest]]) {
        let sorted = layers.map { (root: $0.key.bytes, layer: $0.value) }
            .sorted { $0.root.lexicographicallyPrecedes($1.root) }
        key("piece layers")
        dictionary { dictionary in
            for (root, layer) in sorted { dictionary.entry(bytes: root, layer.flatMap(\.bytes)) }
        }
    }

    private mutating func entry(bytes key: [UInt8], _ value: [UInt8]) {
        self.key(key)
        string(value)
    }
}
