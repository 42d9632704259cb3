// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

#if canImport(Darwin)
internal import Darwin
#endif

/// Which start of the system this is. While it is the same, what was written is in memory at least, whatever became of the
/// process that wrote it.
public struct BootID: Hashable, Sendable {
    /// All zero where the system does not say.
    let bytes: [UInt8]

    /// Bytes in an id.
    static let byteCount = 16

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The id that the system words as `text`.
    init(text: some Collection<UInt8>) {
        bytes = Array(SHA256.hash(Array(text)).bytes.prefix(Self.byteCount))
    }

    /// An id that equals no other, itself included, as far as `isSameBoot` goes.
    static let unknown = BootID(bytes: Array(repeating: 0, count: byteCount))

    /// Whether the system was not started anew between the two.
    func isSameBoot(as other: BootID) -> Bool { self == other && self != .unknown }

    /// This start of the system.
    public static let current: BootID = {
        #if canImport(Darwin)
        var text = [UInt8](repeating: 0, count: 64)
        var count = text.count
        guard sysctlbyname("kern.bootsessionuuid", &text, &count, nil, 0) == 0, count > 0 else { return .unknown }
        return BootID(text: text.prefix(count))
        #else
        guard let text = try? SmallFile.read("/proc/sys/kernel/random/boot_id", limit: 64), !text.isEmpty else {
            return .unknown
        }
        return BootID(text: text)
        #endif
    }()
}
