// SPDX-License-Identifier: Apache-2.0

import Foundation

enum File {
    /// All of a file; nil where it cannot be read.
    static func read(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map { Array($0) } }
}
