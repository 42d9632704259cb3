// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheTesting

/// Runs every scenario with the production core, prints a table, and draws charts of completions.
///
///     scheduling [--seed N] [--peers N] [--only NAME] [--charts FOLDER]
@main
enum Scheduling {
    static func main() throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        if let folder = options.charts {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        say("seed \(options.seed), \(options.peers) peers")
        say(Report.header)
        for scenario in Scenario.all(peers: options.peers) where options.only.map({ $0 == scenario.name }) ?? true {
            let outcome = try scenario.run(seed: options.seed)
            say(Report.row(outcome))
            guard let folder = options.charts else { continue }
            let path = "\(folder)/\(scenario.name).svg"
            try Chart(outcome).svg.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    /// Prints a line and flushes it, even to a file, because the next one may take minutes.
    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}

/// The options on the command line.
struct Options {
    var seed: UInt64 = 1
    var peers = 1_000
    var only: String?
    var charts: String?

    /// An error in the command line.
    struct Misunderstood: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Misunderstood(description: "\(name) needs a value") }
            switch name {
            case "--seed": seed = try Self.number(value)
            case "--peers": peers = max(10, try Self.number(value))
            case "--only": only = value
            case "--charts": charts = value
            default: throw Misunderstood(description: "unknown option \(name)")
            }
        }
    }

    private static func number<Number: FixedWidthInteger>(_ text: String) throws -> Number {
        guard let number = Number(text) else { throw Misunderstood(description: "\(text) is not a number") }
        return number
    }
}
