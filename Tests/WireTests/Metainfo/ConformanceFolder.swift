// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The folder of conformance data beside the repository. Tests that need it are disabled if it is missing.
enum ConformanceFolder {
    static let isHere = root != nil
    /// Why a test is disabled.
    static let isMissing: Comment = "there is no ../shared/conformance beside the repository"

    /// Returns the subfolder `name`. Throws if the whole folder is missing; a missing subfolder fails the test that
    /// reads in it.
    static func subfolder(_ name: String) throws -> URL { try #require(root).appendingPathComponent(name) }

    private static let root: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("../shared/conformance").standardizedFileURL
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()
}
