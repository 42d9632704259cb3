// SPDX-License-Identifier: Apache-2.0

import Testing

/// What every text file must satisfy.
struct TextTests {
    @Test func licenceComesFirst() {
        let offences = Repository.files.filter { file in
            // The first line of a script names its interpreter, and that of a manifest the version of the tools.
            let first = file.lines.first ?? ""
            let line = first.hasPrefix("#!") || first.hasPrefix("// swift-tools") ? file.lines.dropFirst().first : first
            let hasLicence = line?.contains("SPDX-License-Identifier: Apache-2.0") == true
            return !hasLicence && !file.path.hasSuffix(".md")
        }
        #expect(offences.isEmpty, "\(offences.map(\.path))")
    }

    @Test func noTabs() {
        expectNone(Repository.files.filter { $0.path != "Makefile" }.flatMap { $0.offences("\t") })
    }

    @Test func noTrailingSpaces() {
        expectNone(Repository.files.flatMap { $0.offences(" ") { $0.last?.isWhitespace == true } })
    }

    @Test func filesEndInOneLineFeed() {
        expectNone(
            Repository.files.filter { file in
                file.lines.count < 2 || file.lines.last != "" || file.lines.dropLast().last == ""
            }
            .map(\.path)
        )
    }

    /// Open tasks are recorded where others look for them, not in the code.
    @Test func noReminders() {
        expectNone(
            Repository.files.filter { !$0.path.hasPrefix("Tests/TidyTests/") }
                .flatMap { $0.offences("TODO", "FIXME", "XXX", "HACK") }
        )
    }
}

/// Shows each offence on a separate line.
func expectNone(_ offences: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(offences.isEmpty, "\n\(offences.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
