// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport

extension FuzzTarget {
    /// Answers of name servers.
    static let nameAnswer = FuzzTarget(name: "name-answer", seeds: { answers }) { bytes in
        for kind in DNSQuestion.Kind.allCases {
            guard let question = DNSQuestion("host.example", kind, id: 0x1234) else { continue }
            let answer = DNSAnswer(parsing: ByteBuffer(bytes: bytes), to: question)
            for address in answer?.addresses ?? [] {
                require(kind == .aaaa || address.isIPv4, "addresses are of the family that was asked for")
            }
            require((answer?.addresses.count ?? 0) <= DNSAnswer.addressLimit, "limits hold")
        }
    }

    private static let answers: [[UInt8]] = [
        head + [0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7],
        head + [0, 28, 0, 1, 0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16] + [UInt8](repeating: 1, count: 16),
        head + [0, 1, 0, 1, 1, 0x78, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 17],
    ]

    private static let head: [UInt8] =
        [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, 4] + Array("host".utf8) + [7] + Array("example".utf8) + [0]
}
