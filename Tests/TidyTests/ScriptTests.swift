// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The scripts that run everything.
@Suite(.timeLimit(.minutes(2))) struct ScriptTests {
    @Test("A run of stages that receives a signal ends at once, with everything that it started")
    func termination() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scripts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: Repository.root.appending(path: ".ci"), to: folder.appending(path: ".ci"))
        let stage = "slow:\n\t@echo $$PPID > pid; mv pid begun; sleep 600\n"
        try stage.write(to: folder.appending(path: "Makefile"), atomically: true, encoding: .utf8)

        let script = Process()
        script.executableURL = folder.appending(path: ".ci/test")
        script.arguments = ["slow"]
        script.environment = ProcessInfo.processInfo.environment.filter { $0.key != "WATCHED" && $0.key != "VERBOSE" }
        script.standardOutput = FileHandle.nullDevice
        script.standardError = FileHandle.nullDevice
        try Self.run(script)
        let begun = folder.appending(path: "begun").path(percentEncoded: false)
        while !FileManager.default.fileExists(atPath: begun), script.isRunning {
            try await Task.sleep(for: .milliseconds(20))
        }
        let make = try #require(Int32(try String(contentsOfFile: begun, encoding: .utf8).dropLast()))
        kill(script.processIdentifier, SIGTERM)
        while script.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        #expect(script.terminationStatus == 130)
        #expect(kill(make, 0) == -1 && errno == ESRCH, "the stage is still running")
    }

    /// Test threads have signals blocked, which a child would inherit.
    private static func run(_ process: Process) throws {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }
}
