// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheStorage
import RucheSwarm
import RucheTransport
import RucheWire
import Testing

/// Error descriptions for users: a sentence, without the system's numbers and domains.
struct ErrorWordsTests {
    private static let errors: [any LocalizedError] = [
        StorageError(.diskFull, operation: "write", path: "film.mkv", errno: 28, reason: "No space left on device"),
        StorageError(.io, operation: "read", path: "film.mkv", errno: 5, reason: "Input/output error"),
        StorageError(.inUse, operation: "open", path: "journal", reason: "another process has it"),
        TransportError(.portInUse, "listen on 0.0.0.0:6881", systemError: 98),
        TransportError(.system, "dial 192.0.2.1:6881", systemError: 71),
        TorrentError(StorageError(.diskGone, operation: "open", path: "/mnt/usb", errno: 19, reason: "No such device")),
        TorrentError(.duplicate, "the session already has this torrent"),
        MagnetError(.notMagnet, at: 0, expected: "magnet:?", found: "http"),
        MetainfoError(.missing, field: "info.name", at: 3, expected: "a name", found: "nothing"),
    ]

    @Test(arguments: errors.indices) func wordsAreForPeople(index: Int) throws {
        let error = Self.errors[index]
        let words = try #require(error.errorDescription)
        #expect(words.hasSuffix(".") && words.first?.isUppercase == true, "\(words)")
        for jargon in ["errno", "Domain", "Code=", "error 9", "device", "(2", "(9"] {
            #expect(!words.contains(jargon), "\(words)")
        }
        #expect((error as any Error).localizedDescription == words)
    }

    @Test func fullDisksAndTakenPortsAreExplained() {
        #expect(Self.errors[0].errorDescription == "Cannot write film.mkv: there is no room left on the disk.")
        #expect(Self.errors[0].recoverySuggestion?.contains("by itself") == true)
        #expect(Self.errors[3].errorDescription == "Cannot listen on 0.0.0.0:6881: another program is using this port.")
        #expect(Self.errors[5].recoverySuggestion != nil)
    }

    @Test func parsersOfStrangersTextHaveWordsToo() {
        #expect(throws: MagnetError.self) { try MagnetLink(parsing: "magnet:?dn=nothing") }
        do { _ = try MetainfoParser.parse(Array("hello".utf8)) } catch {
            #expect(error.errorDescription == "This is not a torrent file.")
        }
    }
}
