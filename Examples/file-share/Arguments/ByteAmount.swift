// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A number of bytes as users write it: `500`, `64K`, `1.5M`, `2G`, `1T`, where each unit is 1024 of the one before.
struct ByteAmount: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let exponents: [Character: Int] = ["k": 1, "m": 2, "g": 3, "t": 4]
        let exponent = argument.lowercased().last.flatMap { exponents[$0] }
        guard let number = Double(exponent == nil ? argument[...] : argument.dropLast()) else { return nil }
        guard let bytes = Int(exactly: (number * Double(1 << (10 * (exponent ?? 0)))).rounded()), bytes > 0 else {
            return nil
        }
        self.bytes = bytes
    }
}
