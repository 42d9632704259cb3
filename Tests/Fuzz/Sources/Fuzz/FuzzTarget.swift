// SPDX-License-Identifier: Apache-2.0

/// One parser: what it is called, what to begin with, and what has to hold whatever the bytes are.
struct FuzzTarget: Sendable {
    let name: String
    /// Inputs that are valid, or nearly so.
    let seeds: @Sendable () -> [[UInt8]]
    /// Takes any bytes; traps where something is wrong.
    let run: @Sendable ([UInt8]) -> Void

    static let all: [FuzzTarget] = [
        .bencode, .metainfo, .infoDictionary, .magnet, .addresses,
        .url, .httpAnswer, .httpDate, .contentRange,
        .handshake, .messages, .extensions,
        .httpTracker, .udpTracker,
        .encryption, .merkle, .resume, .catalogue,
    ]
}

/// What holds of every input; a separate function so that a finding's backtrace names it.
func require(_ condition: Bool, _ what: @autoclosure () -> String) {
    guard condition else { fatalError("does not hold: \(what())") }
}
