// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire

@testable import RucheDHT

/// The size of the simulations. Long runs set the number of nodes: `DHT_SIM_NODES=100000`.
enum SimulationScale {
    static let nodeCount = number("DHT_SIM_NODES") ?? 10_000
    /// Nodes in the attacked network.
    static let attackedCount = number("DHT_SIM_NODES") ?? 2_000
    /// Addresses of the attacker, 25 in each of his networks.
    static let attackerCount = number("DHT_SIM_ATTACKERS") ?? 1_000

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
}

/// The results of many reads of stored items.
struct ReadingFigures: CustomStringConvertible {
    var readCount = 0
    var foundCount = 0
    /// Milliseconds until the first valid value, sorted.
    var firstMilliseconds: [Double] = []
    var queryCount = 0

    var foundShare: Double { Double(foundCount) / Double(max(1, readCount)) }
    var medianMilliseconds: Double {
        firstMilliseconds.isEmpty ? .infinity : firstMilliseconds[firstMilliseconds.count / 2]
    }
    var p95Milliseconds: Double {
        firstMilliseconds.isEmpty ? .infinity : firstMilliseconds[firstMilliseconds.count * 95 / 100]
    }
    var queriesPerRead: Double { Double(queryCount) / Double(max(1, readCount)) }

    mutating func add(_ other: ReadingFigures) {
        readCount += other.readCount
        foundCount += other.foundCount
        queryCount += other.queryCount
        firstMilliseconds = (firstMilliseconds + other.firstMilliseconds).sorted()
    }

    var description: String {
        "\(foundCount) of \(readCount) found; first value after \(medianMilliseconds.rounded()) ms at the median, "
            + "\(p95Milliseconds.rounded()) ms at the 95th percentile; \(Int(queriesPerRead)) queries a read"
    }
}

extension DHTWorld {
    /// Puts `count` immutable items from random nodes. Returns those that at least one node stored.
    func putItems(_ count: Int) -> [DHTItem] {
        var stored: [DHTItem] = []
        for value in 0..<count {
            let live = alive
            guard let item = try? DHTItem(.integer(Int64(value) + 1_000_000)),
                let node = live.randomElement(using: &random)
            else { continue }
            results = [:]
            guard let number = search(.put(item, replacing: nil), on: node) else { continue }
            run(seconds: 60) { results[number] != nil }
            if results[number]?.storedCount ?? 0 > 0 { stored.append(item) }
        }
        return stored
    }

    /// Reads each of `items` from `readers` random nodes in turn.
    func read(_ items: [DHTItem], readers: Int) -> ReadingFigures {
        var figures = ReadingFigures()
        for item in items {
            for _ in 0..<readers {
                // Chosen among the current nodes, which may leave during earlier reads.
                guard let node = alive.randomElement(using: &random) else { continue }
                (results, firstFinds) = ([:], [:])
                let start = now
                guard let number = search(.item(at: item.target, salt: []), on: node) else { continue }
                run(seconds: 60) { results[number] != nil }
                figures.readCount += 1
                figures.queryCount += results[number]?.queryCount ?? 0
                guard results[number]?.item == item, let first = firstFinds[number] else { continue }
                figures.foundCount += 1
                figures.firstMilliseconds.append((first - start).seconds * 1_000)
            }
        }
        figures.firstMilliseconds.sort()
        return figures
    }
}
