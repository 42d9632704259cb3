// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging

/// Logs to standard error, one line per entry, with the time.
struct ConsoleLogHandler: LogHandler {
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]
    private let console: Console

    init(_ console: Console) { self.console = console }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let context = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = Date.now.ISO8601Format(.init(includingFractionalSeconds: true))
        let words = ["\(time) \(event.level): \(event.message)"] + context.map { "\($0.key)=\($0.value)" }
        console.complain(words.joined(separator: " "))
    }
}
