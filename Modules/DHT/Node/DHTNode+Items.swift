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
        try await write(item, replacing: replacing).get()
    }

    /// Stores an item as `put` does, and returns the number of nodes that keep it.
    func write(_ item: DHTItem, replacing: Int64? = nil) async -> Result<Int, DHTError> {
        await outcome(of: .put(item, replacing: replacing)).flatMap(\.written)
    }

    private func found(_ goal: SearchGoal) async throws(DHTError) -> DHTItem {
        guard let item = try await search(goal).item else { throw DHTError(.notFound, "\(goal.target)") }
        return item
    }
}

extension SearchResult {
    /// The number of nodes that stored what was written, or why it does not count as stored.
    ///
    /// A conflict counts if as many nodes report it as stored the item: of two authors who write at the same time, at
    /// most one has most of the nodes, and a single node cannot keep an author from writing.
    var written: Result<Int, DHTError> {
        let conflicts = refusals.filter { $0.code == KRPCError.conflict }
        if let conflict = conflicts.first, conflicts.count >= storedCount {
            return .failure(DHTError(.conflict, conflict.message))
        }
        guard storedCount == 0 else { return .success(storedCount) }
        if let refusal = refusals.first(where: { $0.code == KRPCError.outdated }) {
            return .failure(DHTError(.outdated, refusal.message))
        }
        return .failure(DHTError(.notStored, refusals.first?.message ?? "\(answeredCount) nodes answered"))
    }
}
