// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Determines which names a folder's file system can store.
struct FileSystemNames: NameRules {
    private let root: Descriptor
    private let mayWrite: Bool
    let nameByteCount: Int

    /// Queries `root`. Creates probe files there only if `mayWrite`.
    init(_ root: Descriptor, mayWrite: Bool) {
        self.root = root
        self.mayWrite = mayWrite
        let longest = fpathconf(root.number, Int32(_PC_NAME_MAX))
        nameByteCount = longest > 0 ? min(longest, StorageLimits.nameBytes) : StorageLimits.nameBytes
    }

    func holds(_ name: String) -> Bool {
        do throws(SystemError) {
            _ = try root.status(of: name)
            return true
        } catch {
            return !error.isUnfitName
        }
    }

    /// Looks for an existing entry under its name with inverted case, and creates a probe file if there is none to try
    /// and that is allowed.
    func isFolding() throws(SystemError) -> Bool {
        // A folder that cannot be listed can still be probed.
        let listed = (try? Self.openAgain(root).names()) ?? []
        let names = listed.compactMap { String(validating: $0, as: UTF8.self) }
        let all = Set(names.map { Array($0.utf8) })
        for name in names {
            let other = name.utf8.contains { isLower($0) } ? name.uppercased() : name.lowercased()
            guard !other.hasSameBytes(as: name), !all.contains(Array(other.utf8)) else { continue }
            return try root.status(of: other) != nil
        }
        return mayWrite ? try isFoldingProbe() : false
    }

    private func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    /// Creates an empty probe file for a moment. Its name is random, and existing files are left alone.
    private func isFoldingProbe() throws(SystemError) -> Bool {
        let probe = ".ruche-probe-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        do throws(SystemError) {
            _ = try root.open(probe, .creatingNew)
        } catch {
            if error.isRefused { return false }
            throw error
        }
        defer { _ = try? root.remove(probe) }
        return try root.status(of: probe.uppercased()) != nil
    }

    /// A descriptor can list its folder only once, so this opens another.
    private static func openAgain(_ folder: Descriptor) throws(SystemError) -> Descriptor {
        try folder.open(".", .folder)
    }

    /// Whether a regular file exists there, reached through symbolic links only if `followsLinks`.
    func hasFile(_ name: String, in folder: [String], followsLinks: Bool) -> Bool {
        let parent = try? root.folder(folder[...], creating: false, followsLinks: followsLinks)
        return (try? parent?.status(of: name, followsLinks: followsLinks))??.kind == .file
    }
}
