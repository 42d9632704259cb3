// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Comments, messages and documents are in plain, idiomatic English.
struct WordsTests {
    /// Files and folders that are free of the phrases below. Add a place once it is.
    private static let places = [
        "Benchmarks/",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Examples/",
        "Modules/",
        "README.md",
        "SECURITY.md",
        "Tests/CAllocations/",
        "Tests/CWideLanes/",
        "Tests/CryptoTests/",
        "Tests/DHTTests/",
        "Tests/Fuzz/",
        "Tests/HTTPTests/",
        "Tests/Interop/",
        "Tests/SimulationTests/",
        "Tests/StorageTests/",
        "Tests/SwarmTests/",
        "Tests/TrackersTests/",
        "Tests/TransportTests/",
        "Tests/WireTests/",
        "docs/",
    ]

    /// Phrases in lower case that are not idiomatic, with what to write instead.
    private static let phrases = [
        ("whoever", "name the caller, the peer, the driver"),
        ("for whom", "name the caller, the peer, the driver"),
        ("to whom", "name the caller, the peer, the driver"),
        ("is to be", "must be, is"),
        ("are to be", "must be, are"),
        ("was to be", "had to be, was"),
        ("so much is", "this many bytes are"),
        ("asked no more", "no longer asked"),
        ("of no more", "of no further"),
        ("of no use", "unusable"),
        ("lets us wait", "is choking us"),
        ("could not be had", "could not be opened"),
        ("at the most", "at most"),
        ("at the least", "at least"),
        ("in vain", "redundantly, without success"),
        ("told apart", "distinguished"),
        ("for want of", "for lack of"),
        ("once a process", "once per process"),
        ("by turns", "in turn"),
        ("from its parts", "say what a caller must know"),
        ("by its parts", "say what a caller must know"),
        ("by their parts", "say what a caller must know"),
        ("the defaults.", "say what the values are for"),
        ("as they stand above", "with the values above"),
        ("answers nil", "returns nil"),
        ("the like of", "similar to"),
        ("for it has", "because it has"),
        ("for it is", "because it is"),
        ("for it takes", "because it takes"),
        ("for they", "because they"),
        ("for there", "because there"),
        ("somebody", "a peer, another program, the user"),
        ("everybody", "all peers, every reader"),
        ("anybody", "any peer, anyone"),
        ("passed over", "skipped, ignored"),
        ("likewise", "the same, too"),
        ("asked of", "requested from"),
        ("of late", "recently"),
        ("what becomes of", "the outcome of"),
        ("falls dormant", "becomes dormant"),
        ("shared out", "divided"),
    ]

    @Test func placesExist() {
        expectNone(Self.places.filter { place in !Self.files.contains { $0.path.hasPrefix(place) } })
    }

    @Test func phrasesAreIdiomatic() {
        expectNone(Self.files.flatMap(Self.offences))
    }

    @Test func phrasesAreFoundAcrossLines() {
        let file = TextFile(
            path: "Example.swift",
            text: """
                /// Whoever calls this is
                ///   to be told of a piece. The bytes are too
                let bytes = 1
                // Asked no moreover.
                """
        )
        #expect(
            Self.offences(in: file) == [
                "Example.swift:1: 'whoever', better: name the caller, the peer, the driver",
                "Example.swift:1: 'is to be', better: must be, is",
            ]
        )
    }

    private static let files = Repository.files.filter { file in places.contains { file.path.hasPrefix($0) } }

    /// Every phrase in a file, including those that continue on the next line.
    private static func offences(in file: TextFile) -> [String] {
        let lines = file.lines.map { text(of: $0) } + [""]
        return file.lines.indices.flatMap { index in
            let line = lines[index]
            let next = lines[index + 1]
            let both = Substring("\(line) \(next)")
            return phrases.filter { phrase, _ in
                let bytes = Array(phrase.utf8)
                return line.holds(bytes) || !next.holds(bytes) && both.holds(bytes)
            }
            .map { file.offence(at: index, "'\($0)', better: \($1)") }
        }
    }

    /// A line in lower case, without the marker of a comment or list.
    private static func text(of line: Substring) -> Substring {
        let words = line.trimmingCharacters(in: .whitespaces)
        let markers = CharacterSet(charactersIn: "/#*-| ")
        return Substring(words.lowercased().trimmingCharacters(in: markers))
    }
}
