// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and its like. The first ends work that has something to keep in an orderly way, and all else at once; the second ends
/// the process whatever it does.
///
/// Signals are heard on a thread of their own, so also while every other one is busy.
enum Interruption {
    /// The status that shells expect of a program that was interrupted.
    static let exitStatus: Int32 = 130
    /// Likewise of one whose output nobody reads any longer.
    static let lostReaderStatus: Int32 = 141

    private struct State {
        var sources: [any DispatchSourceSignal] = []
        /// Ends work that has something to keep; nil while there is none.
        var cancel: (@Sendable () -> Void)?
        var isInterrupted = false
    }

    private static let state = Mutex(State())
    private static let queue = DispatchQueue(label: "signals")

    /// Listens from now on, for the rest of the process's life. A hangup that was ignored when we began (`nohup`) stays so.
    static func listen() {
        // A reader that goes away is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let isHangupIgnored = isIgnored(SIGHUP)
        state.withLock { state in
            guard state.sources.isEmpty else { return }
            for number in [SIGINT, SIGTERM] + (isHangupIgnored ? [] : [SIGHUP]) {
                // kqueue sees signals that are ignored; Linux's signalfd does not.
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

    /// Nobody reads what we print any longer: there is nobody left to work for.
    static func handleLostReader() {
        let cancel = state.withLock(\.cancel)
        guard let cancel else { exit(lostReaderStatus) }
        cancel()
    }

    /// Does `work`, and returns what it returns, interrupted or not.
    static func cancelling<R: Sendable>(_ work: @escaping @Sendable () async throws -> R) async throws -> R {
        let work = Task { try await work() }
        state.withLock { $0.cancel = { work.cancel() } }
        defer { state.withLock { $0.cancel = nil } }
        return try await work.value
    }

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
