// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire

/// Reads the lists of `--block`.
enum BlockLists {
    private static let chunkByteCount = 1 << 20

    /// Returns the addresses in the files at `paths`. Lines that are not understood are reported once for each file.
    /// Throws if a file cannot be read, or has too many ranges.
    static func read(_ paths: [String], _ console: Console) throws -> BlockedAddresses {
        var ranges: [AddressRange] = []
        for path in paths {
            let parser = try read(path)
            ranges += parser.ranges
            guard let line = parser.firstMalformedLine else { continue }
            let count = parser.malformedLineCount
            console.complain(
                "file-share: \(path): \(count) line\(count == 1 ? "" : "s") skipped, the first is line \(line)"
            )
        }
        return BlockedAddresses(ranges)
    }

    private static func read(_ path: String) throws -> BlockListParser {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure("cannot read \(path): check that it exists and may be read")
        }
        defer { try? file.close() }
        var parser = BlockListParser()
        do {
            while let chunk = try file.read(upToCount: chunkByteCount), !chunk.isEmpty {
                try parser.handle(Array(chunk))
            }
            try parser.handleEndOfFile()
        } catch let error as BlockListError {
            throw CommandFailure("cannot use \(path): \(error)")
        } catch {
            throw CommandFailure("cannot read \(path): \(error.localizedDescription)")
        }
        return parser
    }
}
