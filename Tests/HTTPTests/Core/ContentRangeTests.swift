// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RucheHTTP

@Suite struct ContentRangeTests {
    @Test("A content range gives the bytes sent, or is invalid")
    func contentRange() throws {
        let whole = try #require(ContentRange("bytes 0-499/1234"))
        #expect(whole.bytes == 0...499 && whole.total == 1234)
        #expect(ContentRange("Bytes 7-7/*")?.bytes == 7...7)
        for text in [
            "", "bytes", "bytes ", "bytes 5-4/10", "bytes 0-9/9", "bytes -1-4/10", "bytes 0-4", "bytes 0-4/",
            "bytes */10",
            "bytes +0-4/10", "items 0-4/10", "bytes 0-4/10/10", "bytes 0-99999999999999999999/*",
        ] {
            #expect(ContentRange(text) == nil, "\(text)")
        }
    }
}
