// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

@testable import RucheDHT

/// A single core, and what it sends.
final class CoreBench {
    var core: DHTCore
    var random = SeededRandom(seed: 21)
    var now = Instant.zero
    /// Everything sent, in order.
    private(set) var sent: [(bytes: [UInt8], to: PeerEndpoint)] = []

    init(isReadOnly: Bool = false) {
        var batch = DHTBatch(time: .zero, random: SeededRandom(seed: 20))
        core = DHTCore(forms: [.v4, .v6], isReadOnly: isReadOnly, in: &batch)
    }

    var own: NodeID { core.families[0].own }

    func act(_ body: (inout DHTCore, inout DHTBatch) -> Void) {
        var batch = DHTBatch(time: now, random: random.makeChild())
        body(&core, &batch)
        for effect in batch.effects {
            if case .send(let bytes, let endpoint) = effect { sent.append((bytes, endpoint)) }
        }
    }

    /// Passes in a datagram. Returns what is sent back to its sender, except queries.
    func handle(_ bytes: [UInt8], from sender: PeerEndpoint) -> [[UInt8]] {
        let count = sent.count
        act { core, batch in core.handle(bytes, from: sender, in: &batch) }
        return sent[count...].filter { $0.to == sender }.map(\.bytes).filter { bytes in
            guard let message = try? KRPCMessage(parsing: bytes), case .query = message.body else { return true }
            return false
        }
    }

    func message(_ method: KRPCQuery.Method) -> KRPCMessage {
        KRPCMessage(transaction: [1, 2], .query(KRPCQuery(from: NodeID(using: &random), method)))
    }

    func ask(_ method: KRPCQuery.Method, from sender: PeerEndpoint) -> KRPCMessage? {
        let query = message(method).encoded
        return handle(query, from: sender).first.flatMap { try? KRPCMessage(parsing: $0) }
    }

    func token(_ method: KRPCQuery.Method, from sender: PeerEndpoint) -> [UInt8]? {
        guard case .response(let response) = ask(method, from: sender)?.body else { return nil }
        return response.token
    }

    /// Returns the code of the error that answers a query; nil if it succeeds.
    func errorCode(_ method: KRPCQuery.Method, from sender: PeerEndpoint) -> Int? {
        switch ask(method, from: sender)?.body {
        case .error(let error): error.code
        case .response: nil
        default: -1
        }
    }

    /// Fills the IPv4 table with nodes of different networks.
    func learn(_ count: Int) {
        for number in 0..<count {
            let contact = NodeContact(at: .v4(60, UInt32(number / 200), UInt32(number % 200), 1), using: &random)
            core.families[0].table.handleAnswer(of: contact, at: now)
        }
    }

    func store(_ item: DHTItem) {
        let near = own
        try? core.families[0].items.insert(item, replacing: nil, from: Party(.v4(9, 9, 9, 9)), near: near, at: now)
    }
}
