// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Extensions of an app (BEP 10)")
struct ExtensionTests {
    private let bench: CoreBench

    init() throws { bench = try .withParrot() }

    @Test("Later peers find it in the handshake, and connected ones learn of it")
    func names() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32_768], seed: 1)
        let bench = CoreBench(torrent, isSeed: false)
        let first = try #require(bench.connect(1))
        let plain = try #require(bench.connect(2, [.fast]))
        bench.attachParrot()
        let news = try ExtendedHandshake(parsing: try #require(bench.extended(0, to: first).first))
        #expect(Set(news.extensions.keys) == [Parrot.name] && news.metadataByteCount == nil)
        #expect(bench.sent(to: plain).isEmpty)
        bench.attachParrot()
        #expect(bench.sent(to: first).isEmpty, "it has already been added")
        let later = try #require(bench.connect(3))
        let whole = try ExtendedHandshake(parsing: try #require(bench.extended(0, to: later).first))
        #expect(whole.extensions[Parrot.name] == news.extensions[Parrot.name])
        #expect(whole.extensions.count == 5 && Set(whole.extensions.values).count == 5)
    }

    @Test("A peer that named it before it was added can use it at once")
    func late() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32_768], seed: 1)
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.greet(from: slot) { $0.extensions = [Parrot.name: 9, "xx_other": 7] }
        bench.attachParrot()
        #expect(bench.parrotReports.count == 1)
        bench.command(.sayToAll([1, 2]))
        #expect(bench.extended(9, to: slot) == [ByteBuffer(bytes: [1, 2])])
    }

    @Test("Messages go both ways, under the ids that each side chose, and each peer has its own state")
    func messages() throws {
        let (slot, handle) = try bench.join(1, id: 9)
        bench.say("?how", from: slot)
        #expect(bench.extended(9, to: slot).map { String(buffer: $0) } == ["!how"])
        #expect(bench.parrotReports == [.heard(Array("?how".utf8), from: handle, count: 1)])
        let (other, second) = try bench.join(2, id: 33)
        bench.say("a", from: other)
        bench.say("b", from: slot)
        #expect(bench.parrotReports == [.heard([98], from: handle, count: 2)])
        bench.command(.sayToAll([5]))
        #expect(bench.extended(9, to: slot).count == 1 && bench.extended(33, to: other).count == 1)
        bench.greet(from: slot) { $0.extensions = [Parrot.name: 0] }
        bench.command(.say([5], to: handle))
        #expect(bench.sent(to: slot).isEmpty && bench.parrotReports == [.refused(handle)])
        bench.greet(from: slot) { $0.extensions = [Parrot.name: 200] }
        #expect(bench.parrotReports == [.hasRoom(handle)])
        bench.command(.say([5], to: handle))
        #expect(bench.extended(200, to: slot).count == 1)
        bench.batch { core, batch in core.handleClosed(other, in: &batch) }
        #expect(bench.parrotReports == [.left(second, count: 1)])
    }

    @Test("A peer that has not named it is heard, but cannot be answered")
    func nameless() throws {
        let slot = try #require(bench.connect(1))
        bench.say("?x", from: slot)
        #expect(bench.parrotReports.count == 2 && bench.sent(to: slot).isEmpty && bench.isConnected(slot))
        bench.command(.sayToAll([1]))
        #expect(bench.sent(to: slot).isEmpty)
    }

    @Test("A handle is invalid once its peer has left, whichever peer has the slot")
    func handles() throws {
        let (slot, handle) = try bench.join(1, id: 9)
        bench.batch { core, batch in core.handleClosed(slot, in: &batch) }
        let (again, next) = try bench.join(2, id: 9)
        #expect(again == slot && next != handle)
        bench.command(.say([1], to: handle))
        #expect(bench.parrotReports == [.refused(handle)] && bench.sent(to: slot).isEmpty)
        bench.command(.find(.test(7), by: handle))
        bench.wait(.seconds(1))
        #expect(bench.dials.isEmpty)
    }

    @Test("Unassigned ids are ignored")
    func unknown() throws {
        let (slot, _) = try bench.join(1, id: 9)
        for id in [5, 15, 17, 18, 100, 255] as [UInt8] {
            bench.tell(.extended(id: id, payload: ByteBuffer(bytes: [1, 2, 3])), from: slot)
            #expect(bench.misbehaviours.isEmpty && bench.parrotReports.isEmpty)
        }
        #expect(bench.isConnected(slot))
    }

    @Test("Misbehaviour that an extension reports counts, and ends the connection when repeated")
    func misbehaviour() throws {
        let (slot, _) = try bench.join(1, id: 9)
        bench.say("x", from: slot)
        #expect(bench.misbehaviours == [.badExtensionMessage] && bench.isConnected(slot))
        bench.say("x", from: slot)
        #expect(bench.disconnection(of: slot) == .misbehaviour(.badExtensionMessage) && bench.bans.isEmpty)
    }

    @Test("Found endpoints are dialled as hearsay, but never in a private torrent", arguments: [false, true])
    func found(isPrivate: Bool) throws {
        let bench = try CoreBench.withParrot(isPrivate: isPrivate)
        let (_, handle) = try bench.join(1, id: 9)
        bench.command(.find(.test(7), by: handle))
        bench.wait(.seconds(1))
        #expect(bench.dials == (isPrivate ? [] : [.test(7)]))
        #expect(bench.core.connections.list.record(.test(7))?.isHearsay == (isPrivate ? nil : true))
    }

    @Test("Two seeds stay connected if both use it, and disconnect otherwise", arguments: [false, true])
    func seeds(isShared: Bool) throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32_768], seed: 1)
        let bench = CoreBench(torrent, isSeed: true)
        bench.attachParrot()
        let slot = try #require(bench.connect(1))
        bench.tell(.haveAll, from: slot)
        #expect(bench.isConnected(slot), "it has not yet said what it supports")
        bench.greet(from: slot) { $0.extensions = isShared ? [Parrot.name: 9] : [ExtensionName.peerExchange: 1] }
        #expect(bench.disconnection(of: slot) == (isShared ? nil : .bothComplete))
        bench.greet(from: slot) { $0.extensions = [Parrot.name: 0] }
        #expect(!bench.isConnected(slot))
    }

    @Test("It is woken once for each time that it asked for, at the tick")
    func timer() throws {
        _ = try #require(bench.connect(1))
        bench.command(.wake(after: .seconds(2)))
        bench.command(.wake(after: .seconds(1)))
        bench.wait(.milliseconds(900))
        #expect(bench.parrotReports.isEmpty)
        bench.wait(.seconds(3))
        #expect(bench.parrotReports == [.woken(neighbours: 1)])
    }
}
