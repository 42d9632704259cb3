// SPDX-License-Identifier: Apache-2.0

import Foundation

enum File {
    /// Returns the content of a file; nil if it cannot be read.
    static func read(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map { Array($0) } }
}
