// SPDX-License-Identifier: Apache-2.0

/// A parser to fuzz: its name, its seeds, and a function that checks what must hold for any input.
struct FuzzTarget: Sendable {
    let name: String
    /// Inputs that are valid, or nearly so.
    let seeds: @Sendable () -> [[UInt8]]
    /// Processes any bytes. Traps if something is wrong.
    let run: @Sendable ([UInt8]) -> Void

    static let all: [FuzzTarget] = [
        .bencode, .metainfo, .infoDictionary, .magnet, .addresses, .blockList,
        .url, .httpAnswer, .httpDate, .contentRange,
        .handshake, .messages, .extensions, .utpPacket, .utpConnection,
        .httpTracker, .udpTracker, .krpc,
        .gatewayAnswers, .deviceSearch, .deviceXML, .localDiscovery, .proxy, .nameAnswer,
        .encryption, .merkle, .resume, .catalogue, .byteRange, .filmProbe, .feedHead, .feedMessage,
    ]
}

/// Checks a condition that must hold for every input. A separate function, so that a finding's backtrace names it.
func require(_ condition: Bool, _ what: @autoclosure () -> String) {
    guard condition else { fatalError("does not hold: \(what())") }
}
