// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import Testing

/// One file of Wycheproof vectors, read in place from beside the repository.
struct Wycheproof<Case: Decodable>: Decodable {
    struct Group: Decodable {
        let tests: [Case]
        /// Present only in files of signatures.
        let publicKey: PublicKey?
    }

    struct PublicKey: Decodable {
        let pk: String
    }

    let numberOfTests: Int
    let testGroups: [Group]

    /// All of `file`'s cases.
    static func load(_ file: String) throws -> Wycheproof {
        let folder = try #require(ConformanceFolder.root)
        let data = try Data(contentsOf: folder.appendingPathComponent("wycheproof/\(file)"))
        let vectors = try JSONDecoder().decode(Wycheproof.self, from: data)
        try #require(vectors.numberOfTests > 50, "\(file) has cases")
        return vectors
    }
}

/// The folder of conformance data beside the repository. Tests that need it are disabled where it is missing.
enum ConformanceFolder {
    /// Why a test is disabled.
    static let isMissing: Comment = "there is no ../shared/conformance beside the repository"

    static let root: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("../shared/conformance").standardizedFileURL
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()
}

extension SecretBytes {
    /// The bytes, for tests only.
    var exposed: [UInt8] { withUnsafeBytes { Array($0) } }
}
