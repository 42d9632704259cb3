// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

#if canImport(Darwin)
internal import Darwin
#endif

/// Identifies the current boot of the system. While it is unchanged, what a process wrote is at least in the page
/// cache, whatever became of that process.
package struct BootID: Hashable, Sendable {
    /// All zeros if the system does not report an id.
    let bytes: [UInt8]

    /// Bytes in an id.
    static let byteCount = 16

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Derives an id from the system's `text`.
    init(text: some Collection<UInt8>) {
        bytes = Array(SHA256.hash(Array(text)).bytes.prefix(Self.byteCount))
    }

    /// An id that `isSameBoot` never considers equal to another, not even to itself.
    static let unknown = BootID(bytes: Array(repeating: 0, count: byteCount))

    /// Whether the system was not rebooted between the two.
    func isSameBoot(as other: BootID) -> Bool { self == other && self != .unknown }

    /// The id of the current boot.
    package static let current: BootID = {
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
