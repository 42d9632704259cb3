// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension Lookup {
    /// The number of nodes that answered.
    var answeredCount: Int { candidates.count { $0.state == .answered } }

    /// The nearest nodes that answered, gave a token and may have their ids: a value is written to these.
    var writable: [Candidate] {
        Array(candidates.lazy.filter { $0.state == .answered && $0.isAllowed && $0.token != nil }.prefix(width))
    }

    /// The estimated number of nodes in the network, from the distances of the nearest to the target: the `i`th of `n`
    /// random points is expected at `i/n` of the space. Nil if too few answered.
    var estimatedNetworkSize: Double? {
        let nearest = candidates.lazy.filter { $0.state == .answered && $0.isAllowed }.prefix(limits.bucketSize)
        guard nearest.count == limits.bucketSize else { return nil }
        var (squares, products) = (0.0, 0.0)
        for (index, candidate) in nearest.enumerated() {
            let rank = Double(index + 1)
            squares += rank * rank
            products += rank * candidate.distance.share
        }
        return products > 0 ? squares / products : nil
    }
}
