// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheWire

/// Tells peers of peers, as a tracker does. It is reached at any time and from everywhere.
///
/// Owner: its swarm. Those who crash stay listed for a while, as they do with a real tracker.
public final class VirtualTracker {
    /// Between two announces of a peer.
    public var interval = Interval.seconds(60)
    /// Endpoints in one answer.
    public var answerCount = 50
    /// Listed endpoints.
    public var listedCount: Int { listed.count }

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
