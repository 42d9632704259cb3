// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// All outstanding requests, in three linked lists: by block, by peer, and by age.
///
/// Entries live in one array and are reused, so requests and answers allocate nothing. `PiecePicker` owns it, and keeps
/// the head of each block's list in that block's `link`.
struct OutstandingRequests: Sendable {
    /// A request for one block to one peer.
    struct Entry: Sendable {
        /// The block's index in `OpenPieces.blocks`.
        var block: UInt32
        var peer: PeerSlot
        /// The peer is late: the block may be requested from other peers as if this request did not exist.
        var isSoft = false
        /// Where the arriving block is written; nowhere until its first byte.
        var place = BlockPlaceCode.nowhere
        /// Hundredths of a second from `sentAt` until the answer should arrive.
        var expectedHundredths: UInt16
        var nextOfBlock = OpenPieces.none
        var previousOfPeer = OpenPieces.none
        var nextOfPeer = OpenPieces.none
        var previousByAge = OpenPieces.none
        var nextByAge = OpenPieces.none
        var sentAt: Instant

        /// When the answer is expected.
        var expectedAt: Instant { sentAt + .milliseconds(10 * Int64(expectedHundredths)) }
    }

    /// A peer's requests, oldest first.
    struct PeerList: Sendable {
        var first = OpenPieces.none
        var last = OpenPieces.none
        var count = 0
        var softCount = 0
    }

    private(set) var entries: [Entry] = []
    /// By entry: increases whenever the entry is reused.
    private var generations: [UInt32] = []
    private let firstGeneration: UInt32
    private var freeEntries: [UInt32] = []
    private(set) var oldest = OpenPieces.none
    private var newest = OpenPieces.none
    private var peers: [PeerList] = []

    /// `firstGeneration` should differ from that of any other list whose requests may still be answered.
    init(firstGeneration: UInt32 = 0) { self.firstGeneration = firstGeneration }

    var count: Int { entries.count - freeEntries.count }

    subscript(entry: UInt32) -> Entry { entries[Int(entry)] }

    func list(of peer: PeerSlot) -> PeerList { peer.int < peers.count ? peers[peer.int] : PeerList() }

    /// Records that `block` is requested from `peer`. `head` is the block's list; the new request becomes its first.
    mutating func append(block: Int, to head: inout UInt32, peer: PeerSlot, at now: Instant, expectedAt: Instant) {
        var entry = Entry(
            block: UInt32(truncatingIfNeeded: block),
            peer: peer,
            expectedHundredths: UInt16(clamping: (expectedAt - now).nanoseconds / 10_000_000),
            sentAt: now
        )
        while peers.count <= peer.int { peers.append(PeerList()) }
        entry.nextOfBlock = head
        entry.previousOfPeer = peers[peer.int].last
        entry.previousByAge = newest
        let id = freeEntries.popLast() ?? UInt32(truncatingIfNeeded: entries.count)
        if id == entries.count {
            entries.append(entry)
            generations.append(firstGeneration)
        } else {
            entries[Int(id)] = entry
        }
        if entry.previousOfPeer == OpenPieces.none {
            peers[peer.int].first = id
        } else {
            entries[Int(entry.previousOfPeer)].nextOfPeer = id
        }
        if newest == OpenPieces.none { oldest = id } else { entries[Int(newest)].nextByAge = id }
        peers[peer.int].last = id
        peers[peer.int].count += 1
        newest = id
        head = id
    }

    /// Returns `peer`'s request in a block's list.
    func find(_ peer: PeerSlot, in head: UInt32) -> UInt32? {
        var id = head
        while id != OpenPieces.none {
            if entries[Int(id)].peer == peer { return id }
            id = entries[Int(id)].nextOfBlock
        }
        return nil
    }

    /// Removes a request. `head` is the list of its block.
    mutating func remove(_ id: UInt32, from head: inout UInt32) {
        let entry = entries[Int(id)]
        unlinkFromBlock(id, entry, &head)
        unlinkFromPeer(entry)
        unlinkByAge(entry)
        generations[Int(id)] &+= 1
        freeEntries.append(id)
    }

    /// Records that the answer starts to arrive, and is written to `place`. Returns what distinguishes it from other
    /// answers.
    mutating func begin(_ id: UInt32, at place: BlockPlaceCode) -> UInt32 {
        entries[Int(id)].place = place
        generations[Int(id)] &+= 1
        return generations[Int(id)]
    }

    /// Returns whether the request is the one for which `begin` was called, and is still outstanding.
    func isCurrent(_ id: UInt32, _ generation: UInt32) -> Bool {
        Int(id) < generations.count && generations[Int(id)] == generation
    }

    /// Marks a request as late. Returns false if it already was.
    mutating func soften(_ id: UInt32) -> Bool {
        guard !entries[Int(id)].isSoft else { return false }
        entries[Int(id)].isSoft = true
        peers[entries[Int(id)].peer.int].softCount += 1
        return true
    }

    private mutating func unlinkFromBlock(_ id: UInt32, _ entry: Entry, _ head: inout UInt32) {
        guard head != id else {
            head = entry.nextOfBlock
            return
        }
        var before = head
        while before != OpenPieces.none, entries[Int(before)].nextOfBlock != id {
            before = entries[Int(before)].nextOfBlock
        }
        if before != OpenPieces.none { entries[Int(before)].nextOfBlock = entry.nextOfBlock }
    }

    private mutating func unlinkFromPeer(_ entry: Entry) {
        let peer = entry.peer.int
        peers[peer].count -= 1
        if entry.isSoft { peers[peer].softCount -= 1 }
        if entry.previousOfPeer == OpenPieces.none {
            peers[peer].first = entry.nextOfPeer
        } else {
            entries[Int(entry.previousOfPeer)].nextOfPeer = entry.nextOfPeer
        }
        if entry.nextOfPeer == OpenPieces.none {
            peers[peer].last = entry.previousOfPeer
        } else {
            entries[Int(entry.nextOfPeer)].previousOfPeer = entry.previousOfPeer
        }
    }

    private mutating func unlinkByAge(_ entry: Entry) {
        if entry.previousByAge == OpenPieces.none {
            oldest = entry.nextByAge
        } else {
            entries[Int(entry.previousByAge)].nextByAge = entry.nextByAge
        }
        if entry.nextByAge == OpenPieces.none {
            newest = entry.previousByAge
        } else {
            entries[Int(entry.nextByAge)].previousByAge = entry.previousByAge
        }
    }
}
