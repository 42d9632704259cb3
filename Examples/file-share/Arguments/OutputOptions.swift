// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Foundation
public import Logging

/// How a command reports to the user.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object per line instead of text.")
    var json = false

    @Option(help: ArgumentHelp("The minimum level to log to standard error.", valueName: "level"))
    var logLevel = Logger.Level.warning

    /// Does a command's work. An error becomes a line on standard error, an event with `--json`, and status 1.
    func run(_ work: (Console) async throws -> Void) async throws {
        let console = Console()
        Interruption.listen()
        do {
            try await work(console)
        } catch let status as ExitCode {
            console.endBlock()
            throw status
        } catch {
            console.clearBlock()
            let words = ErrorWords(error)
            if json {
                console.print(["event": "error", "message": .string(words.problem), "advice": JSONValue(words.advice)])
            }
            console.complain("file-share: \(words.line)")
            throw ExitCode.failure
        }
        console.endBlock()
    }

    func makeLogger(_ console: Console) -> Logger {
        var logger = Logger(label: "file-share") { _ in ConsoleLogHandler(console) }
        logger.logLevel = logLevel
        return logger
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
