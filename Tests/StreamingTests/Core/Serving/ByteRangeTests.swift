// SPDX-License-Identifier: Apache-2.0

import RucheStreaming
import Testing

@Suite struct ByteRangeTests {
    private func request(_ lines: String..., of byteCount: Int = 1000) -> ByteRangeRequest {
        ByteRangeRequest(lines, byteCount: byteCount)
    }

    @Test func `A part is within the file`() {
        #expect(request("bytes=0-0") == .part(0..<1))
        #expect(request("bytes=0-499") == .part(0..<500))
        #expect(request("bytes=500-") == .part(500..<1000))
        #expect(request("bytes=999-5000") == .part(999..<1000))
        #expect(request("bytes=0-99999999999999999999999") == .part(0..<1000))
        #expect(request("bytes=-1") == .part(999..<1000))
        #expect(request("bytes=-5000") == .part(0..<1000))
        #expect(request("bytes=-99999999999999999999999") == .part(0..<1000))
    }

    @Test func `Units are in any case, and blanks and commas without a range are allowed`() {
        #expect(request("Bytes=1-2") == .part(1..<3))
        #expect(request("bytes= 1-2 ") == .part(1..<3))
        #expect(request("bytes=,\t1-2 , ") == .part(1..<3))
        #expect(request("bytes=0000000000000000000000001-2") == .part(1..<3))
    }

    @Test func `A range without a byte of the file cannot be satisfied`() {
        #expect(request("bytes=1000-") == .unsatisfiable)
        #expect(request("bytes=1000-1001") == .unsatisfiable)
        #expect(request("bytes=99999999999999999999999-") == .unsatisfiable)
        #expect(request("bytes=-0") == .unsatisfiable)
        #expect(request("bytes=0-", of: 0) == .unsatisfiable)
        #expect(request("bytes=-5", of: 0) == .whole)
    }

    @Test(arguments: [
        "bytes", "bytes=", "bytes=-", "bytes=2-1", "bytes=a-b", "bytes=1-2-3", "bytes=+1-2", "bytes=0x1-2", "bytes=1",
        "bytes 1-2", "items=1-2", "bytes =1-2", "bytes=1 -2", "bytes=--1", "bytes=1--2", "bytes=\u{661}-2", "",
        "bytes=0-1,2-3", "bytes=0-1,-1", "bytes=1-2" + String(repeating: " ", count: 300),
    ])
    func `Anything else requests the whole file`(line: String) {
        #expect(request(line) == .whole)
    }

    @Test func `Without a header, or with two, the whole file is requested`() {
        #expect(request() == .whole)
        #expect(request("bytes=0-1", "bytes=2-3") == .whole)
    }
}
