// SPDX-License-Identifier: Apache-2.0

/// The message id, which follows the length prefix (BEP 3, 5, 6, 10, 52).
enum MessageID: UInt8 {
    case choke = 0
    case unchoke = 1
    case interested = 2
    case notInterested = 3
    case have = 4
    case bitfield = 5
    case request = 6
    case piece = 7
    case cancel = 8
    case port = 9
    case suggest = 13
    case haveAll = 14
    case haveNone = 15
    case reject = 16
    case allowedFast = 17
    case extended = 20
    case hashRequest = 21
    case hashes = 22
    case hashReject = 23
}
