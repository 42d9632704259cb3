// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// Decides which names to ask the system's resolver for, whose answers can take half a minute or never come.
///
/// A name is asked for once, however many callers wait for it. Names of one domain share a few places, so an
/// unresponsive name server cannot take them all, and names that have resolved before have places of their own.
///
/// Owner: `NameLookup`. Invariant: a name is in `asked` or in `waiting`, never in both.
struct LookupTurns {
    /// What happens to a question.
    enum Answer: Hashable {
        /// The caller must ask the system now.
        case ask
        /// The name is being resolved already, or waits for its turn.
        case wait
        /// Too many names are waiting.
        case refuse
    }

    private let limits: TransportLimits
    private var asked: [String: String] = [:]
    private var askedByDomain: [String: Int] = [:]
    private var waiting: [String] = []
    private var proven: Set<String> = []
    private var provenInOrder: Deque<String> = []

    init(limits: TransportLimits) { self.limits = limits }

    /// The number of names that the system has been asked for and has not answered.
    var askedCount: Int { asked.count }
    /// The number of names that wait for their turn.
    var waitingCount: Int { waiting.count }

    mutating func handleQuestion(_ name: String) -> Answer {
        if asked[name] != nil || waiting.contains(name) { return .wait }
        if hasRoom(for: name) {
            begin(name)
            return .ask
        }
        guard waiting.count < limits.queuedLookups else { return .refuse }
        waiting.append(name)
        return .wait
    }

    /// Records that no caller waits for `name` any longer. A running lookup continues.
    mutating func handleAbandoned(_ name: String) {
        if let index = waiting.firstIndex(of: name) { waiting.remove(at: index) }
    }

    /// Records the system's answer, with or without an address.
    mutating func handleAnswer(_ name: String, isFound: Bool) {
        guard let domain = asked.removeValue(forKey: name) else { return }
        askedByDomain[domain] = askedByDomain[domain].flatMap { $0 > 1 ? $0 - 1 : nil }
        guard isFound, proven.insert(name).inserted else { return }
        provenInOrder.append(name)
        if provenInOrder.count > limits.provenNames, let oldest = provenInOrder.popFirst() { proven.remove(oldest) }
    }

    /// Returns the next name to ask the system for, if there is one.
    mutating func nextQuestion() -> String? {
        guard let index = waiting.firstIndex(where: hasRoom) else { return nil }
        let name = waiting.remove(at: index)
        begin(name)
        return name
    }

    private mutating func begin(_ name: String) {
        let domain = Self.domain(of: name)
        asked[name] = domain
        askedByDomain[domain, default: 0] += 1
    }

    private func hasRoom(for name: String) -> Bool {
        let isProven = proven.contains(name)
        let places = isProven ? limits.lookups : limits.lookups - limits.lookupsOfProvenNames
        let share = isProven ? limits.lookups : limits.lookupsPerDomain
        return asked.count < places && askedByDomain[Self.domain(of: name), default: 0] < share
    }

    /// The last two labels, which usually share a name server.
    private static func domain(of name: String) -> String {
        name.lowercased().split(separator: ".").suffix(2).joined(separator: ".")
    }
}
