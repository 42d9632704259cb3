// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Workloads that hash pieces.
public enum HashingWorkloads {
    private static let byteCount = 1 << 20

    /// Digests of one megabyte, in one stream.
    public static var all: [Workload] {
        [
            over("SHA-1, one stream") { keep(SHA1.hash($0)) },
            over("SHA-256, one stream") { keep(SHA256.hash($0)) },
        ]
    }

    /// Creates a workload on a megabyte in memory. `all` has one entry for each.
    private static func over(
        _ name: String,
        _ body: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) -> Workload {
        Workload("\(name), 1 MiB", operationCount: 1, byteCount: byteCount) {
            let bytes = [UInt8](repeating: 0x5a, count: byteCount)
            return { stopwatch in
                stopwatch.start()
                bytes.withUnsafeBytes(body)
                stopwatch.stop()
            }
        }
    }
}
