// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Writes: to the nearest nodes that a search has found.
extension DHTCore {
    /// Continues after all lookups of a search have ended.
    mutating func handleLookupsEnded(_ index: Int, in batch: inout DHTBatch) {
        for lookup in searches[index].lookups {
            if let place = families.firstIndex(where: { $0.form == lookup.form }) {
                families[place].noteNetworkSize(of: lookup)
            }
        }
        switch searches[index].goal {
        case .peers(_, _, .some(let announcement)):
            write(index, in: &batch) { .announcePeer(announcement, token: $0.token ?? []) }
        case .put(let item, let replacing):
            if let refusal = searches[index].refusal(of: item, replacing: replacing) {
                searches[index].result.refusals.append(refusal)
                return finish(index, in: &batch)
            }
            write(index, in: &batch) { candidate in
                // Each node compares its own version (BEP 44): one that missed an update refuses any other number.
                .put(item, token: candidate.token ?? [], replacing: replacing == nil ? nil : candidate.sequence)
            }
        default: finish(index, in: &batch)
        }
    }

    private mutating func write(
        _ index: Int,
        in batch: inout DHTBatch,
        _ method: (Candidate) -> KRPCQuery.Method
    ) {
        let targets = searches[index].lookups.flatMap(\.writable)
        let number = searches[index].number
        searches[index].openWrites = targets.count
        searches[index].result.queryCount += targets.count
        guard !targets.isEmpty else { return finish(index, in: &batch) }
        for target in targets {
            guard !pending.isFull else {
                if let index = searchIndex(number) { endWrite(index, in: &batch) }
                continue
            }
            ask(target.contact.endpoint, id: target.contact.id, method(target), for: .write(number), in: &batch)
        }
    }

    /// Records that a write was answered, or failed.
    mutating func endWrite(_ index: Int, in batch: inout DHTBatch) {
        let open = (searches[index].openWrites ?? 1) - 1
        searches[index].openWrites = open
        if open <= 0 { finish(index, in: &batch) }
    }
}

extension Search {
    /// Returns why an item must not replace the version that was found; nil if it may.
    fileprivate func refusal(of item: DHTItem, replacing: Int64?) -> KRPCError? {
        guard let new = item.author, let old = result.item?.author else { return nil }
        if let replacing, replacing != old.sequence {
            return KRPCError(KRPCError.conflict, "the sequence number is \(old.sequence)")
        }
        let isRenewal = new.sequence == old.sequence && item.value == result.item?.value
        guard new.sequence > old.sequence || isRenewal else {
            return KRPCError(KRPCError.outdated, "the sequence number is \(old.sequence) already")
        }
        return nil
    }
}
