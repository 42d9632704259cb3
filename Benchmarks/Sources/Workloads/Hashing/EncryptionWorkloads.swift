// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Workloads of MSE.
public enum EncryptionWorkloads {
    private static let byteCount = 1 << 20

    /// The stream cipher, and the arithmetic of the handshake.
    public static var all: [Workload] { [rc4, handshake] }

    private static var rc4: Workload {
        Workload("RC4, 1 MiB", operationCount: 1, byteCount: byteCount) {
            let cipher = Cipher(RC4(key: Array("sixteen byte key".utf8), discarding: 1_024))
            var bytes = [UInt8](repeating: 0x5a, count: byteCount)
            return { stopwatch in
                stopwatch.start()
                bytes.withUnsafeMutableBytes { cipher.rc4.apply(to: $0) }
                stopwatch.stop()
            }
        }
    }

    /// Holds the cipher, which cannot be copied into a closure.
    private final class Cipher {
        var rc4: RC4
        init(_ rc4: consuming RC4) { self.rc4 = rc4 }
    }

    /// Both ends of a handshake, dominated by the key exchange.
    private static var handshake: Workload {
        Workload("MSE handshake, both ends", operationCount: 1) {
            var random = SeededRandom(seed: 1)
            let skey = SHA1.hash([1, 2, 3])
            return { stopwatch in
                stopwatch.start()
                var initiator = MSEHandshake(initiatorFor: skey, using: &random)
                var responder = MSEHandshake(using: &random)
                for _ in 0..<3 {
                    if let bytes = initiator.nextBytesToSend() { try? responder.handle(bytes) { _ in skey } }
                    if let bytes = responder.nextBytesToSend() { try? initiator.handle(bytes) }
                }
                stopwatch.stop()
                let isDone = initiator.nextOutcome() != nil && responder.nextOutcome() != nil
                precondition(isDone, "the handshake did not end")
            }
        }
    }
}
