// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport

extension FuzzTarget {
    /// What proxies answer. How it is cut into parts must not matter.
    static let proxy = FuzzTarget(name: "proxy", seeds: { answers }) { bytes in
        let login = ProxyLogin(user: "user", password: "password")
        let target = ProxyTarget.name("tracker.example", port: 80)
        for makeHandshake in [
            { SOCKSHandshake(to: target, login: nil) }, { SOCKSHandshake(to: target, login: login) },
            { SOCKSHandshake(associatingWith: login) }, { HTTPConnectHandshake(to: target, login: login) },
        ] as [() -> any ProxyHandshake] {
            let whole = run(makeHandshake(), bytes, inPartsOf: max(1, bytes.count))
            let parts = run(makeHandshake(), bytes, inPartsOf: 1)
            require(whole == parts, "how it is cut does not matter")
        }
        if let datagram = SOCKSDatagram(parsing: ByteBuffer(bytes: bytes)) {
            var again = ByteBuffer()
            datagram.write(to: &again)
            require(SOCKSDatagram(parsing: again) == datagram, "what is written is read")
        }
    }

    /// Returns the bytes that are left for the target once it is done; nil after an error or without an end.
    private static func run(_ handshake: any ProxyHandshake, _ bytes: [UInt8], inPartsOf length: Int) -> [UInt8]? {
        var handshake = handshake
        var input = ByteBuffer()
        for start in stride(from: 0, to: bytes.count, by: length) {
            input.writeBytes(bytes[start..<min(start + length, bytes.count)])
            // Three messages are the most.
            for _ in 0..<3 where !handshake.isDone {
                do throws(ProxyError) { _ = try handshake.handle(&input) } catch { return nil }
            }
        }
        return handshake.isDone ? Array(input.readableBytesView) : nil
    }

    private static let answers: [[UInt8]] = [
        [5, 0, 5, 0, 0, 1, 10, 0, 0, 1, 4, 56, 1, 2, 3], [5, 2, 1, 0, 5, 0, 0, 3, 2, 0x61, 0x62, 1, 2, 3],
        [0, 0, 0, 1, 10, 0, 0, 1, 4, 56, 1, 2, 3], [0, 0, 0, 3, 1, 0x61, 4, 56, 1],
        [5, 0, 5, 0, 0, 4] + [UInt8](repeating: 1, count: 18), [5, 0, 5, 5, 0, 1, 0],
        Array("HTTP/1.1 200 OK\r\nVia: x\r\n\r\nhello".utf8), Array("HTTP/1.0 407\n\n".utf8),
    ]
}
