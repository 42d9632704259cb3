// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// A saved routing table: bencode of a version and, for each family, the node's id, its address as others saw it, and
/// the good nodes.
struct SavedTable: Hashable, Sendable {
    struct Family: Hashable, Sendable {
        var own: NodeID
        var address: IPAddress?
        var nodes: [NodeContact]
    }

    var families: [Family] = []

    private static let version = 1
    private static let nodeLimit = 2_048

    init(_ core: DHTCore) {
        families = core.families.map { family in
            // The most reliable first.
            let nodes = family.table.nodes.filter { $0.failures == 0 }.sorted { $0.answered > $1.answered }
            return Family(own: family.own, address: family.externalAddress, nodes: nodes.map(\.contact))
        }
    }

    init(parsing bytes: [UInt8]) throws(DHTError) {
        guard let root = try? BencodeDocument(bytes, rules: .message).root, root["version"]?.integer == 1,
            let saved = root["families"]
        else { throw DHTError(.unfitTable, "not a saved table of version \(Self.version)") }
        for family in saved.elements.prefix(2) {
            guard let own = family["id"]?.string.flatMap(NodeID.init), let compact = family["nodes"]?.string else {
                throw DHTError(.unfitTable, "a family without id or nodes")
            }
            let form: CompactForm = family["form"]?.text == "v6" ? .v6 : .v4
            families.append(
                Family(
                    own: own,
                    address: family["address"]?.string.flatMap(IPAddress.init(compact:)),
                    nodes: NodeContact.list(compact: compact, form: form, limit: Self.nodeLimit)
                )
            )
        }
    }

    func encoded(forms: [CompactForm]) -> [UInt8] {
        var encoder = BencodeEncoder()
        encoder.dictionary { root in
            root.key("families")
            root.list { list in
                for (family, form) in zip(families, forms) {
                    list.dictionary { fields in
                        fields.entry("address", family.address?.compactBytes)
                        fields.entry("form", form == .v6 ? "v6" : "v4")
                        fields.entry("id", family.own.bytes)
                        fields.entry("nodes", family.nodes.prefix(Self.nodeLimit).flatMap(\.compactBytes))
                    }
                }
            }
            root.entry("version", Self.version)
        }
        return encoder.bytes
    }
}

extension DHTCore {
    /// Restores the state of an earlier run: the id, unless another address is known by now, and the nodes.
    mutating func restore(_ saved: SavedTable, in batch: inout DHTBatch) {
        for (family, place) in zip(saved.families, families.indices) {
            if families[place].externalAddress == nil {
                families[place].externalAddress = family.address
                families[place].move(to: family.own, limits: limits, at: batch.time)
            }
        }
        restore(saved.families.flatMap(\.nodes), in: &batch)
    }
}
