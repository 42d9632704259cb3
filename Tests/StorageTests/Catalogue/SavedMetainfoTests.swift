// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

@Suite struct SavedMetainfoTests {
    @Test("A saved copy with many files is read, and abandoned if the result is not needed")
    func cancelled() throws {
        let count = 20_000
        let files = (1...count).map { "d6:lengthi1e4:pathl6:folder11:file-\(100_000 + $0)ee" }.joined()
        let info = "d5:filesl\(files)e4:name1:a12:piece lengthi16384e6:pieces40:\(String(repeating: "x", count: 40))e"
        let bytes = Array("d4:info\(info)e".utf8)
        let hashes = try MetainfoParser.parse(bytes).info.hashes

        let folder = NSTemporaryDirectory() + "ruche-saved-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(bytes).write(to: URL(filePath: "\(folder)/\(StateFolder.metainfoName(hashes))"))

        #expect(try SavedMetainfo.load(hashes, in: folder) { false }.info.files.count == count)
        #expect(throws: CancellationError.self) { try SavedMetainfo.load(hashes, in: folder) { true } }
    }
}
