// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

/// The sources that one torrent has joined.
struct JoinedSources: Sendable {
    /// Names a source among a torrent's, so that it joins each of them once.
    enum Name: Hashable, Sendable {
        case trackers
        /// By its place in the session's list.
        case session(Int)
        /// By its place in the torrent's own.
        case torrent(Int)
    }

    private struct Member: Sendable {
        let name: Name
        let traits: SourceTraits
        let membership: any SourceMembership
        let found: FoundPeers

        /// Whether it stays when the torrent falls dormant.
        var isLasting: Bool {
            if case .session = name { traits.outlivesDormancy } else { false }
        }
    }

    /// A source gets this long for its goodbyes.
    private static let leaving = Interval.seconds(5)

    private var members: [Member] = []

    /// None yet.
    init() {}

    /// Those of several torrents, to be left together.
    init(_ others: [JoinedSources]) { members = others.flatMap(\.members) }

    var isEmpty: Bool { members.isEmpty }

    /// Joins `source`, unless that has happened. What is found goes to `driver`, if there is one.
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

    /// The torrent has woken: what is found goes to its driver again.
    func wake(_ driver: SwarmDriver) {
        for member in members { member.found.send(to: driver) }
        note(.woke)
    }

    /// Keeps those that outlive dormancy, and tells them of it. The others are left.
    mutating func fallDormant() {
        keep(only: \.isLasting).leave()
        for member in members { member.found.send(to: nil) }
        note(.dormant)
    }

    /// Leaves those that do not serve private torrents.
    mutating func leaveAsPrivate() { keep(only: \.traits.servesPrivateTorrents).leave() }

    /// Keeps those that fit; returns the others.
    private mutating func keep(only isKept: (Member) -> Bool) -> JoinedSources {
        var others = JoinedSources()
        others.members = members.filter { !isKept($0) }
        members.removeAll { !isKept($0) }
        return others
    }

    /// Leaves all of them, for good. Nothing that they find arrives any more.
    func leave() { _ = startLeaving() }

    /// Leaves all of them, for good, and waits for their goodbyes, for a few seconds at most.
    func leaveAndWait() async {
        let goodbyes = startLeaving()
        guard !goodbyes.isEmpty else { return }
        _ = await Deadline.wait(atMost: Self.leaving) {
            for goodbye in goodbyes { for await _ in goodbye {} }
        }
    }

    /// Streams without elements that end when the goodbyes have been said.
    private func startLeaving() -> [AsyncStream<Never>] {
        members.map { member in
            let (goodbye, continuation) = AsyncStream.makeStream(of: Never.self)
            member.found.send(to: nil)
            member.membership.leave { continuation.finish() }
            return goodbye
        }
    }
}
