// SPDX-License-Identifier: Apache-2.0

import Workloads

/// The arguments of the command line.
struct Arguments {
    private(set) var roundCount = 9
    private var suite = ""
    private var only: String?
    private var pieceCounts = PickingWorkloads.pieceCounts
    private var peerCounts = PickingWorkloads.peerCounts
    private var torrents: [String] = []

    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    init(_ words: some Sequence<String>) throws(Mistake) {
        var words = words.makeIterator()
        while let word = words.next() {
            switch word {
            case "--rounds": roundCount = max(1, try Self.number(words.next()))
            case "--only": only = words.next()
            case "--pieces": pieceCounts = try Self.numbers(words.next())
            case "--peers": peerCounts = try Self.numbers(words.next())
            default: if suite.isEmpty { suite = word } else { torrents.append(word) }
            }
        }
    }

    func workloads() throws(Mistake) -> [Workload] {
        let all: [Workload]
        switch suite {
        case "picking": all = PickingWorkloads.all(pieceCounts: pieceCounts, peerCounts: peerCounts)
        case "codecs": all = CodecWorkloads.all
        case "hashing": all = HashingWorkloads.all
        case "encryption": all = EncryptionWorkloads.all
        case "parse": all = try parsing()
        default:
            throw Mistake(description: "expected picking, codecs, hashing, encryption or parse FILE…, not '\(suite)'")
        }
        guard let only else { return all }
        return all.filter { $0.name.contains(only) }
    }

    private func parsing() throws(Mistake) -> [Workload] {
        var all: [Workload] = []
        for path in torrents {
            guard let bytes = File.read(path) else { throw Mistake(description: "cannot read \(path)") }
            all += CodecWorkloads.parsing(bytes, of: path)
        }
        return all
    }

    private static func numbers(_ word: String?) throws(Mistake) -> [Int] {
        var numbers: [Int] = []
        for part in (word ?? "").split(separator: ",") { numbers.append(try number(String(part))) }
        return numbers
    }

    private static func number(_ word: String?) throws(Mistake) -> Int {
        guard let word, let number = Int(word), number >= 0 else {
            throw Mistake(description: "expected a number, not '\(word ?? "")'")
        }
        return number
    }
}
