// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheWire

/// A tracker that all peers can reach at any time.
///
/// Its swarm owns it. A peer that stops is removed from the list; one that crashes stays listed.
public final class VirtualTracker {
    /// The interval between announces of a peer.
    public var interval = Interval.seconds(60)
    /// The maximum number of endpoints per response.
    public var answerCount = 50

    private let network: VirtualNetwork
    private var listed: [PeerEndpoint] = []
    private var known: Set<PeerEndpoint> = []
    private var random: SeededRandom

    init(_ network: VirtualNetwork) {
        self.network = network
        random = network.makeRandom()
    }

    func announce(_ peer: VirtualPeer, answer: @escaping ([PeerEndpoint]) -> Void) {
        let endpoint = peer.endpoint
        let others = chosen(for: endpoint)
        if known.insert(endpoint).inserted { listed.append(endpoint) }
        network.schedule(after: .milliseconds(100)) { answer(others) }
    }

    func handleLeft(_ peer: VirtualPeer) {
        guard known.remove(peer.endpoint) != nil else { return }
        listed.removeAll { $0 == peer.endpoint }
    }

    private func chosen(for endpoint: PeerEndpoint) -> [PeerEndpoint] {
        var others = listed.filter { $0 != endpoint }
        for index in 0..<min(answerCount, others.count) {
            others.swapAt(index, .random(in: index..<others.count, using: &random))
        }
        return Array(others.prefix(answerCount))
    }
}
