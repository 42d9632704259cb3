// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Checks of extensions")
struct CheckExtensionTests {
    @Test("The one that these tests use passes", arguments: 1...3 as ClosedRange<UInt64>)
    func parrot(seed: UInt64) throws {
        let messages = ["?", "a", "x"].map { Array($0.utf8) }
        let commands: [Parrot.Command] = [.sayToAll([1]), .wake(after: .seconds(1)), .sayToAll(Array("?you".utf8))]
        #expect(try checkExtension(Parrot.self, messages: messages, commands: commands, seed: seed).isEmpty)
    }

    @Test("So does peer exchange")
    func peerExchange() throws {
        let contacts = (0..<60 as Range<UInt8>).map { PeerExchangeMessage.Contact(.test($0), flags: .reachable) }
        let long = PeerExchangeMessage(added: contacts, dropped: contacts.map(\.endpoint))
        let messages = [long, PeerExchangeMessage(added: Array(contacts.prefix(2)))].map {
            Array($0.encoded().readableBytesView)
        }
        #expect(try checkExtension(PeerExchangeExtension.self, messages: messages).isEmpty)
    }

    @Test("Randomness of its own is found")
    func chance() throws {
        let findings = try checkExtension(Odd<Dice>.self)
        #expect(findings.count == 1 && findings[0].hasPrefix("two runs from one seed differ"), "\(findings)")
    }

    @Test("Impossible limits are found, and so is an invalid name")
    func limits() throws {
        let findings = try checkExtension(Odd<Narrow>.self)
        for word in ["messageByteCount", "queuedByteCount", "receivedBurstByteCount", "sentBytesPerSecond", "the name"]
        {
            #expect(findings.contains { $0.contains(word) }, "\(word): \(findings)")
        }
    }

    @Test("Blaming innocent peers is found")
    func blame() throws {
        let findings = try checkExtension(Odd<Strict>.self)
        #expect(findings.contains { $0.contains("badExtensionMessage") }, "\(findings)")
    }
}

/// A fault of an extension.
private protocol Fault {
    static var name: ExtensionName { get }
    static var limits: ExtensionLimits { get }
    static var bytes: [UInt8] { get }
    static var blames: Bool { get }
}

extension Fault {
    static var name: ExtensionName { "rt_odd" }
    static var limits: ExtensionLimits { ExtensionLimits() }
    static var bytes: [UInt8] { [1] }
    static var blames: Bool { false }
}

private enum Dice: Fault {
    static var bytes: [UInt8] { [UInt8](repeating: 1, count: .random(in: 1...1_000)) }
}

private enum Narrow: Fault {
    static var name: ExtensionName { "" }
    static var limits: ExtensionLimits {
        var limits = ExtensionLimits()
        limits.messageByteCount = 1 << 20
        limits.sentBytesPerSecond = 1 << 20
        return limits
    }
}

private enum Strict: Fault { static var blames: Bool { true } }

private struct Odd<F: Fault>: PeerExtension {
    static var name: ExtensionName { F.name }
    static var limits: ExtensionLimits { F.limits }

    init(in batch: inout ExtensionBatch<Self>) {}

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined: batch.send(F.bytes, to: peer)
        case .message where F.blames: batch.misbehaved(peer)
        default: break
        }
    }
}
