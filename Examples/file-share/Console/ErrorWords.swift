// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An error in words for the user: what went wrong, and what to do about it.
struct ErrorWords {
    /// What went wrong, as a sentence.
    let problem: String
    /// What to do about it; nil if there is no advice.
    let advice: String?

    init(_ error: any Error) {
        switch error {
        case let cocoa as CocoaError:
            // The system's own description contains domains and codes.
            let place = cocoa.filePath.map { "\($0): " } ?? ""
            problem = place + cocoa.localizedDescription
            advice = nil
        case let ours as any LocalizedError:
            problem = ours.errorDescription ?? "\(error)"
            advice = ours.recoverySuggestion
        default:
            problem = "\(error)"
            advice = nil
        }
    }

    /// Both in one line.
    var line: String { [problem, advice].compactMap(\.self).joined(separator: " ") }
}
