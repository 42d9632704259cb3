// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The program that the user's desktop opens addresses with.
struct PlayerProgram {
    private let path: String

    /// Finds it; nil if there is none, or no desktop to show it on.
    init?() {
        #if canImport(Darwin)
        let name = "open"
        #else
        let name = "xdg-open"
        let environment = ProcessInfo.processInfo.environment
        guard ["DISPLAY", "WAYLAND_DISPLAY"].contains(where: { environment[$0]?.isEmpty == false }) else { return nil }
        #endif
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { return nil }
        path = found
    }

    /// Opens `url`. Returns false if the program cannot be started, or reports that nothing can open it. The task can be
    /// cancelled; the player stays then.
    func open(_ url: String) async -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = [url]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let (ends, continuation) = AsyncStream.makeStream(of: Bool.self)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus == 0)
            continuation.finish()
        }
        do { try process.run() } catch { return false }
        for await isOpen in ends { return isOpen }
        // Cancelled: it is still starting.
        return true
    }
}
