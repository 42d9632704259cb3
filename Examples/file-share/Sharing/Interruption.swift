// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Handles Ctrl-C and similar signals. The first one ends work that has something to save in an orderly way, and other
/// work at once. The second one ends the process in any case.
///
/// Signals are handled on a dedicated thread, so also while all others are busy.
enum Interruption {
    /// The exit status that shells expect of an interrupted program.
    static let exitStatus: Int32 = 130
    /// The exit status of a program whose output is no longer read.
    static let lostReaderStatus: Int32 = 141

    private struct State {
        var sources: [any DispatchSourceSignal] = []
        /// Ends work that has something to save; nil while there is none.
        var cancel: (@Sendable () -> Void)?
        var isInterrupted = false
    }

    private static let state = Mutex(State())
    private static let queue = DispatchQueue(label: "signals")

    /// Handles signals from now on, for the life of the process. A hangup that was ignored at the start (`nohup`) stays
    /// ignored.
    static func listen() {
        // A reader that closes the pipe causes a write error, and does not end the process.
        signal(SIGPIPE, SIG_IGN)
        let isHangupIgnored = isIgnored(SIGHUP)
        state.withLock { state in
            guard state.sources.isEmpty else { return }
            for number in [SIGINT, SIGTERM] + (isHangupIgnored ? [] : [SIGHUP]) {
                // kqueue reports signals that are ignored; Linux's signalfd does not.
                #if canImport(Darwin)
                signal(number, SIG_IGN)
                #endif
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { handle() }
                source.resume()
                state.sources.append(source)
            }
        }
    }

    /// Ends the work, because our output is no longer read.
    static func handleLostReader() {
        let cancel = state.withLock(\.cancel)
        guard let cancel else { exit(lostReaderStatus) }
        cancel()
    }

    /// Does `work`, and returns its result, interrupted or not.
    static func cancelling<R: Sendable>(_ work: @escaping @Sendable () async throws -> R) async throws -> R {
        let work = Task { try await work() }
        setCancel { work.cancel() }
        defer { setCancel(nil) }
        return try await work.value
    }

    /// Not inlined into what suspends: after that, the compiler (Swift 6.3, Linux) may have the mutex unlocked for another
    /// thread than locked it, which ends the process.
    @inline(never)
    private static func setCancel(_ cancel: (@Sendable () -> Void)?) { state.withLock { $0.cancel = cancel } }

    private static func handle() {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            defer { state.isInterrupted = true }
            return state.isInterrupted ? nil : state.cancel
        }
        guard let cancel else { exit(exitStatus) }
        cancel()
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
