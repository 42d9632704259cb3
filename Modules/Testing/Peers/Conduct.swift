// SPDX-License-Identifier: Apache-2.0

/// How a virtual peer behaves.
public enum Conduct: Hashable, Sendable {
    /// As it should.
    case honest
    /// Downloads, and never lets anybody download.
    case freeRider
    /// Claims everything, and sends this share of all blocks with a byte changed.
    case poisoner(share: Double)
    /// Claims everything, and rejects every request.
    case liar
    /// Claims everything, lets everybody ask, and never answers.
    case mute
    /// Claims everything, and sends a block every 40 seconds.
    case staller
    /// Shakes hands, then sends what is no message.
    case garbage
    /// Asks for blocks by the hundred, choked or not.
    case flooder

    /// Whether it says that it has everything.
    var claimsEverything: Bool {
        switch self {
        case .poisoner, .liar, .mute, .staller: true
        case .honest, .freeRider, .garbage, .flooder: false
        }
    }
}
