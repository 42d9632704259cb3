// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

/// The sources that one torrent has joined.
struct JoinedSources: Sendable {
    /// Identifies a source among a torrent's, so the torrent joins each of them once.
    enum Name: Hashable, Sendable {
        case trackers
        /// A source in the session's list, by index.
        case session(Int)
        /// A source in the torrent's own list, by index.
        case torrent(Int)
    }

    private struct Member: Sendable {
        let name: Name
        let traits: SourceTraits
        let membership: any SourceMembership
        let found: FoundPeers

        /// Whether the torrent remains a member while it is dormant.
        var isLasting: Bool {
            if case .session = name { traits.outlivesDormancy } else { false }
        }
    }

    /// How long a source may take to say goodbye.
    private static let leaving = Interval.seconds(5)

    private var members: [Member] = []

    /// Creates an empty list.
    init() {}

    /// Combines those of several torrents, to leave them together.
    init(_ others: [JoinedSources]) { members = others.flatMap(\.members) }

    var isEmpty: Bool { members.isEmpty }

    /// Joins `source`, unless that has been done. What it finds goes to `driver`, if there is one.
    mutating func join(_ source: any PeerSource, as name: Name, _ context: SourceContext, on driver: SwarmDriver?) {
        guard !members.contains(where: { $0.name == name }) else { return }
        let found = FoundPeers(source.traits.origin)
        found.send(to: driver)
        let membership = source.join(context) { found.add($0) }
        members.append(Member(name: name, traits: source.traits, membership: membership, found: found))
    }

    /// Joins the torrent's trackers.
    mutating func join(
        _ trackers: TrackerSource,
        _ context: SourceContext,
        on driver: SwarmDriver
    ) -> TrackerMembership {
        let found = FoundPeers(trackers.traits.origin)
        found.send(to: driver)
        let membership = trackers.makeMembership(context) { found.add($0) }
        members.append(Member(name: .trackers, traits: trackers.traits, membership: membership, found: found))
        return membership
    }

    func note(_ change: SwarmChange) {
        for member in members { member.membership.note(change) }
    }

    /// Sends what is found to `driver` again, because the torrent has woken.
    func wake(_ driver: SwarmDriver) {
        for member in members { member.found.send(to: driver) }
        note(.woke)
    }

    /// Leaves the sources that do not outlive dormancy, and informs the others.
    mutating func fallDormant() {
        keep(only: \.isLasting).leave()
        for member in members { member.found.send(to: nil) }
        note(.dormant)
    }

    /// Leaves the sources that do not serve private torrents.
    mutating func leaveAsPrivate() { keep(only: \.traits.servesPrivateTorrents).leave() }

    /// Keeps the members for which `isKept` returns true; returns the others.
    private mutating func keep(only isKept: (Member) -> Bool) -> JoinedSources {
        var others = JoinedSources()
        others.members = members.filter { !isKept($0) }
        members.removeAll { !isKept($0) }
        return others
    }

    /// Leaves all of them for good. Nothing that they find arrives any more.
    func leave() { _ = startLeaving() }

    /// Leaves all of them for good, and waits a few seconds at most for their goodbyes.
    func leaveAndWait() async {
        let goodbyes = startLeaving()
        guard !goodbyes.isEmpty else { return }
        _ = await Deadline.wait(atMost: Self.leaving) {
            for goodbye in goodbyes { for await _ in goodbye {} }
        }
    }

    /// Returns streams without elements, which end when the goodbyes have been said.
    private func startLeaving() -> [AsyncStream<Never>] {
        members.map { member in
            let (goodbye, continuation) = AsyncStream.makeStream(of: Never.self)
            member.found.send(to: nil)
            member.membership.leave { continuation.finish() }
            return goodbye
        }
    }
}
