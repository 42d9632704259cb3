// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The folder of conformance data beside the repository.
enum ConformanceFolder {
    /// The subfolder `name`; nil, and a line printed, where it is missing.
    static func find(_ name: String) -> URL? {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("../shared/conformance/\(name)").standardizedFileURL
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        print("skipped: there is no ../shared/conformance/\(name) beside the repository")
        return nil
    }
}
