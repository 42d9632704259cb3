// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto

/// One file of Wycheproof vectors, read in place from beside the repository.
struct Wycheproof<Case: Decodable>: Decodable {
    struct Group: Decodable {
        let tests: [Case]
        /// Of signature files.
        let publicKey: PublicKey?
    }

    struct PublicKey: Decodable {
        let pk: String
    }

    let numberOfTests: Int
    let testGroups: [Group]

    /// All of `file`'s cases; none, with a note, where the folder is missing.
    static func load(_ file: String) throws -> Wycheproof {
        guard let folder = conformanceFolder() else {
            print("skipped: \(file), as there is no ../shared/conformance beside the repository")
            return Wycheproof(numberOfTests: 0, testGroups: [])
        }
        let data = try Data(contentsOf: folder.appendingPathComponent("wycheproof/\(file)"))
        return try JSONDecoder().decode(Wycheproof.self, from: data)
    }

    private static func conformanceFolder() -> URL? {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("../shared/conformance").standardizedFileURL
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }
}

extension SecretBytes {
    /// For tests only: what must not be looked at.
    var exposed: [UInt8] { withUnsafeBytes { Array($0) } }
}
