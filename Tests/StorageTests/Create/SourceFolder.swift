// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder `src` in a sandbox, with files of all sizes that matter: empty, one byte, around a block, around a piece,
/// several pieces; one hidden, one executable, some in folders.
struct SourceFolder {
    static let pieceLength = 65_536
    static let sizes: [String: Int] = [
        "src/.hidden": 70_000, "src/block": 16_384, "src/block and one": 16_385, "src/empty": 0, "src/one": 1,
        "src/Zürich/more pieces": 300_001, "src/Zürich/deep/piece": 65_536, "src/Zürich/deep/piece less one": 65_535,
        "src/Zürich/deep/piece and one": 65_537, "src/zz/last": 40_000, "src/zz/nothing": 0,
    ]

    let sandbox = Sandbox()

    init() throws {
        var generator = SeededGenerator(seed: 7)
        for (name, size) in Self.sizes.sorted(by: { $0.key < $1.key }) {
            try sandbox.put(name, generator.bytes(size))
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sandbox.at("src/block"))
    }

    var path: String { sandbox.at("src") }
}
