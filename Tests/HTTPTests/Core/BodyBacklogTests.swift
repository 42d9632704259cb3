// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import RucheHTTP

@Suite struct BodyBacklogTests {
    @Test("Small parts are copied together and keep no read alive; order and bytes are unchanged")
    func smallParts() {
        var backlog = BodyBacklog()
        var expected: [UInt8] = []
        for number in 0..<10_000 {
            var read = ByteBuffer(repeating: UInt8(truncatingIfNeeded: number), count: 4_000)
            guard let part = read.readSlice(length: 1) else { continue }
            expected += Array(buffer: part)
            backlog.append(part)
        }
        #expect(backlog.partCount == 3)
        #expect(backlog.byteCount == 10_000 + 3 * BodyBacklog.partOverhead)
        var body: [UInt8] = []
        while let part = backlog.popFirst() {
            #expect(part.storageCapacity <= 4 * BodyBacklog.smallPartByteCount)
            body += Array(buffer: part)
        }
        #expect(body == expected && backlog.isEmpty && backlog.byteCount == 0)
    }

    @Test("Each part counts for more than its bytes")
    func mixedParts() {
        var backlog = BodyBacklog()
        let large = ByteBuffer(repeating: 1, count: BodyBacklog.smallPartByteCount)
        let small = ByteBuffer(repeating: 2, count: 1)
        for part in [small, large, small, small, large] { backlog.append(part) }
        #expect(backlog.partCount == 4)
        #expect(backlog.byteCount == 2 * large.readableBytes + 3 + 4 * BodyBacklog.partOverhead)
        #expect(backlog.popFirst() == small)
        backlog.append(small)
        var sizes: [Int] = []
        while let part = backlog.popFirst() { sizes.append(part.readableBytes) }
        #expect(sizes == [large.readableBytes, 2, large.readableBytes, 1] && backlog.byteCount == 0)
    }
}
