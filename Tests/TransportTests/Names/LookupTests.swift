// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Synchronization
import Testing

@testable import RucheTransport

/// By reference, because expectations cannot hold a value that changes.
private final class TurnsUnderTest {
    private var turns: LookupTurns

    init(_ limits: TransportLimits) { turns = LookupTurns(limits: limits) }

    var counts: [Int] { [turns.askedCount, turns.waitingCount] }
    func handleQuestion(_ name: String) -> LookupTurns.Answer { turns.handleQuestion(name) }
    func handleAnswer(_ name: String, isFound: Bool) { turns.handleAnswer(name, isFound: isFound) }
    func handleAbandoned(_ name: String) { turns.handleAbandoned(name) }
    func nextQuestion() -> String? { turns.nextQuestion() }
}

/// A resolver without descriptors, for a while.
private final class PoorResolver: HostResolver {
    private let failureCount: Int
    private let count = Mutex(0)

    init(failureCount: Int) { self.failureCount = failureCount }

    var questionCount: Int { count.withLock { $0 } }

    func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        let question = count.withLock { count in
            count += 1
            return count
        }
        guard question > failureCount else { throw TransportError(.exhausted, name) }
        return name == "unknown.test" ? [] : [IPAddress(v4: 1)]
    }
}

extension NameLookup.Answer {
    fileprivate var failure: TransportError? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}

@Suite(.timeLimit(.minutes(2))) struct LookupTests {
    private var limits: TransportLimits {
        var limits = TransportLimits()
        (limits.lookups, limits.lookupsOfProvenNames, limits.lookupsPerDomain, limits.queuedLookups) = (6, 2, 2, 3)
        return limits
    }

    @Test("A silent domain takes its share, new names take theirs, and names that resolved before have places left")
    func turns() {
        let turns = TurnsUnderTest(limits)
        #expect(turns.handleQuestion("good.test") == .ask)
        turns.handleAnswer("good.test", isFound: true)
        #expect((1...4).map { turns.handleQuestion("\($0).silent.test") } == [.ask, .ask, .wait, .wait])
        #expect(turns.handleQuestion("1.silent.test") == .wait, "asked already")
        #expect((1...2).map { turns.handleQuestion("\($0).other\($0).test") } == [.ask, .ask])
        #expect(turns.handleQuestion("third.test") == .wait, "new names have four places")
        #expect(turns.handleQuestion("fourth.test") == .refuse, "three wait")
        #expect(turns.handleQuestion("good.test") == .ask, "it has a place of its own")
        #expect(turns.nextQuestion() == nil)
        turns.handleAnswer("good.test", isFound: true)
        turns.handleAbandoned("3.silent.test")
        turns.handleAnswer("1.other1.test", isFound: false)
        #expect(turns.nextQuestion() == "third.test", "the silent domain still has its share")
        turns.handleAnswer("2.silent.test", isFound: false)
        #expect(turns.nextQuestion() == "4.silent.test" && turns.counts == [4, 0])
    }

    /// A resolver whose thread blocks for some names until it is released.
    private final class Silence: Sendable {
        private let isOver = Atomic(false)
        private let calls = Mutex<[String]>([])

        var asked: [String] { calls.withLock { $0 } }

        func end() { isOver.store(true, ordering: .relaxed) }

        func resolve(_ name: String) -> NameLookup.Answer {
            calls.withLock { $0.append(name) }
            guard name.hasSuffix("silent.test") else { return .success([IPAddress(v4: 1)]) }
            while !isOver.load(ordering: .relaxed) { Thread.sleep(forTimeInterval: 0.001) }
            return .success([])
        }
    }

    @Test("Names that are never answered delay no other, and time out")
    func silence() async throws {
        let silence = Silence()
        let lookup = NameLookup(limits: limits, resolve: silence.resolve)
        let silent = (0..<20).map { number in
            Task {
                await failure {
                    try await lookup.addresses(of: "\(number % 10).silent.test", within: .milliseconds(300))
                }
            }
        }
        while lookup.askedCount < 2 { try await Task.sleep(nanoseconds: 1_000_000) }
        for number in 0..<10 {
            #expect(try await lookup.addresses(of: "\(number).good.test", within: .minutes(1)) == [IPAddress(v4: 1)])
        }
        // Three wait; the fourth is refused at once.
        for task in silent { #expect([.timeout, .exhausted].contains(await task.value)) }
        #expect(silence.asked.count { $0.hasSuffix("silent.test") } == 2, "each name once, and two at a time")
        silence.end()
        while lookup.askedCount > 0 { try await Task.sleep(nanoseconds: 1_000_000) }
    }

    @Test("Literal addresses resolve to themselves, and invalid names are not looked up")
    func literals() async throws {
        let lookup = NameLookup(limits: limits) { _ in .success([IPAddress(v4: 1)]) }
        #expect(try await lookup.addresses(of: "::ffff:192.0.2.1", within: .seconds(1)) == [IPAddress(v4: 0xc000_0201)])
        for name in ["", "a\0b", String(repeating: "a", count: 300)] {
            #expect(try await lookup.addresses(of: name, within: .seconds(1)).isEmpty)
        }
        #expect(try await SystemResolver().addresses(of: "localhost", within: .minutes(1)).allSatisfy(\.isLoopback))
    }

    @Test("A name is unknown only if the system says so, not if it could not look")
    func causes() throws {
        func code(_ status: Int32, errno number: Int32 = 0, isOutOfDescriptors: Bool = false) -> TransportError.Code? {
            let answer = SystemNames.failure(status, errno: number, "a.test", isOutOfDescriptors: isOutOfDescriptors)
            return answer.failure?.code
        }
        #expect(try SystemNames.failure(EAI_NONAME, errno: 0, "a.test", isOutOfDescriptors: false).get().isEmpty)
        #expect(code(EAI_SYSTEM, errno: EMFILE) == .exhausted && code(EAI_SYSTEM, errno: ENFILE) == .exhausted)
        #expect(code(EAI_MEMORY) == .exhausted && code(EAI_AGAIN) == .timeout)
        #expect(code(EAI_NONAME, isOutOfDescriptors: true) == .exhausted)
        #expect(code(EAI_AGAIN, isOutOfDescriptors: true) == .exhausted)
    }

    @Test("A resolver that cannot ask now is asked again, and one that knows no such name is not")
    func askedAgain() async {
        var limits = limits
        limits.lookupPause = .milliseconds(1)
        let resolver = PoorResolver(failureCount: 3)
        let found = await NamedEndpoint(host: "a.test", port: 7).lookUp(by: resolver, limits: limits)
        #expect(found == [PeerEndpoint(address: IPAddress(v4: 1), port: 7)] && resolver.questionCount == 4)
        let unknown = await NamedEndpoint(host: "unknown.test", port: 7).lookUp(by: resolver, limits: limits)
        #expect(unknown.isEmpty && resolver.questionCount == 5)
    }

    @Test("A lookup that cannot be made fails for all that wait, and does not affect the next")
    func exhausted() async throws {
        let isPoor = Atomic(true)
        let lookup = NameLookup(limits: limits) { name in
            isPoor.load(ordering: .relaxed)
                ? .failure(TransportError(.exhausted, name)) : .success([IPAddress(v4: 1)])
        }
        #expect(await failure { try await lookup.addresses(of: "a.test", within: .minutes(1)) } == .exhausted)
        isPoor.store(false, ordering: .relaxed)
        #expect(try await lookup.addresses(of: "a.test", within: .minutes(1)) == [IPAddress(v4: 1)])
    }
}
