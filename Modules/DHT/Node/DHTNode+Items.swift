// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

extension DHTNode {
    /// Returns the immutable item at `target` (BEP 44). Its bytes are checked against `target`.
    ///
    /// - Throws: `DHTError` with the code `.notFound`, `.noNodes`, `.limit` or `.stopped`.
    public func get(_ target: NodeID) async throws(DHTError) -> DHTItem {
        try await found(.item(at: target, salt: []))
    }

    /// Returns the latest version of a mutable item that the nearest nodes have (BEP 44). The signature is checked.
    ///
    /// - Throws: `DHTError` with the code `.notFound`, `.noNodes`, `.limit` or `.stopped`.
    public func get(_ key: Ed25519.PublicKey, salt: [UInt8] = []) async throws(DHTError) -> DHTItem {
        try await found(.item(at: DHTItem.target(of: key, salt: salt), salt: salt))
    }

    /// Returns the versions of a mutable item as they are found, each later than the one before; the first arrives
    /// soon. Ends when the nearest nodes have answered. Cancelling the sequence ends the search.
    ///
    /// The sequence throws `DHTError` with the code `.noNodes`, `.limit` or `.stopped`.
    public func versions(
        of key: Ed25519.PublicKey,
        salt: [UInt8] = []
    ) -> AsyncThrowingStream<DHTItem, any Error> {
        stream(.item(at: DHTItem.target(of: key, salt: salt), salt: salt)) { effect in
            if case .item(_, let item) = effect { item } else { nil }
        }
    }

    /// Stores an item at the nearest nodes, which keep it for two hours; put it again once an hour (BEP 44). Anyone can
    /// do that with an item they have read, without the author's private key.
    ///
    /// - Parameter replacing: for a mutable item, the sequence number of the version it is based on. If another version
    ///   is stored by now, nothing is written (compare and swap).
    /// - Returns: The number of nodes that keep it.
    /// - Throws: `DHTError` with the code `.conflict`, `.outdated`, `.notStored`, `.noNodes`, `.limit` or `.stopped`.
    @discardableResult
    public func put(_ item: DHTItem, replacing: Int64? = nil) async throws(DHTError) -> Int {
        let result = try await search(.put(item, replacing: replacing))
        for (code, kind) in [(KRPCError.conflict, DHTError.Code.conflict), (KRPCError.outdated, .outdated)] {
            if let refusal = result.refusals.first(where: { $0.code == code }),
                result.storedCount == 0 || code == KRPCError.conflict
            {
                throw DHTError(kind, refusal.message)
            }
        }
        guard result.storedCount > 0 else {
            throw DHTError(.notStored, result.refusals.first?.message ?? "\(result.answeredCount) nodes answered")
        }
        return result.storedCount
    }

    private func found(_ goal: SearchGoal) async throws(DHTError) -> DHTItem {
        guard let item = try await search(goal).item else { throw DHTError(.notFound, "\(goal.target)") }
        return item
    }
}
