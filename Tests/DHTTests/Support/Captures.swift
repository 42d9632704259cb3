// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Recorded datagrams beside the repository. Tests that need them are disabled if they are missing.
enum Captures {
    static let areHere = root != nil
    static let areMissing: Comment = "there is no ../shared/conformance/captures beside the repository"

    static func bytes(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: try #require(root).appendingPathComponent(name)))
    }

    private static let root: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("../shared/conformance/captures").standardizedFileURL
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()
}
