// SPDX-License-Identifier: Apache-2.0

import RucheDHT

/// Reports versions to the user.
struct FollowNews: Sendable {
    private let console: Console
    private let isJSON: Bool

    init(_ console: Console, isJSON: Bool) {
        self.console = console
        self.isJSON = isJSON
    }

    func looking() { tell("looking", "Looking for the latest version.", nil) }

    func found(_ publication: Publication) {
        tell("publication", "Version \(publication.sequence) is published.", publication)
    }

    func installed(_ publication: Publication) {
        tell("installed", "Version \(publication.sequence) is installed.", publication)
    }

    private func tell(_ event: String, _ words: String, _ publication: Publication?) {
        guard isJSON else { return console.print(words) }
        console.print([
            "event": .string(event), "sequence": publication.map { .int(Int($0.sequence)) } ?? .null,
            "infoHash": JSONValue(publication.map { "\($0.infoHash)" }),
        ])
    }
}
