// SPDX-License-Identifier: Apache-2.0

internal import RucheSwarm
public import RucheWire

/// Plays a torrent's pieces while they download, as a viewer would: it begins with the first piece that it gets, uses the
/// bytes at a steady pace, and stalls while the next piece is not here.
///
/// Its peer owns it, and outlives it, on one thread.
public final class VirtualPlayer {
    /// How far ahead of the picture a player reads.
    static let bufferTime = Interval.seconds(Int64(10))

    /// The time from the start, or from the last seek, to the first piece; nil until it is complete.
    public private(set) var startupTime: Interval?
    /// The time for which the picture has stood still since the first piece, or since the last seek.
    public private(set) var stallTime = Interval.zero
    /// Whether the last piece has been played.
    public private(set) var isOver = false

    private unowned let peer: VirtualPeer
    private let pieceCount: Int
    private let bytesPerSecond: Int
    private let pieceTime: Interval
    private var id = ReaderID(0)
    private var piece: Int
    private var startedAt: Instant
    /// When the picture needs the next piece.
    private var dueAt: Instant?

    init(_ peer: VirtualPeer, from piece: Int, bytesPerSecond: Int) {
        self.peer = peer
        self.piece = piece
        self.bytesPerSecond = bytesPerSecond
        let geometry = peer.torrent.info.geometry
        pieceCount = geometry.pieceCount
        pieceTime = .seconds(Double(geometry.pieceLength) / Double(bytesPerSecond))
        startedAt = peer.network.now
    }

    /// Goes on at another piece, after waiting for it.
    public func seek(to piece: Int) {
        peer.endReading(id)
        id = ReaderID(id.rawValue + 1)
        self.piece = piece
        startedAt = peer.network.now
        startupTime = nil
        stallTime = .zero
        dueAt = nil
        readNext()
    }

    func readNext() {
        peer.read(id, ReadingSpan(pieces: piece..<pieceCount, bytesPerSecond: bytesPerSecond))
    }

    func handleHere(_ id: ReaderID) {
        guard id == self.id, !isOver else { return }
        let now = peer.network.now
        if startupTime == nil { startupTime = now - startedAt }
        let due = dueAt ?? now
        if now > due { stallTime = stallTime + (now - due) }
        let next = max(due, now) + pieceTime
        dueAt = next
        piece += 1
        guard piece < pieceCount else {
            isOver = true
            return peer.endReading(id)
        }
        let pause = max(.zero, next - now - Self.bufferTime)
        peer.network.schedule(after: pause) { [weak self] in
            guard let self, self.id == id else { return }
            readNext()
        }
    }
}

extension VirtualPeer {
    /// Begins to play at `piece`. The peer has to be running.
    public func play(from piece: Int = 0, bytesPerSecond: Int) -> VirtualPlayer {
        let player = VirtualPlayer(self, from: piece, bytesPerSecond: bytesPerSecond)
        self.player = player
        player.readNext()
        return player
    }

    func read(_ id: ReaderID, _ span: ReadingSpan) {
        tell { $0.handleReader(id, at: span, in: &$1) }
        drain()
    }

    func endReading(_ id: ReaderID) {
        tell { $0.handleReaderLeft(id, in: &$1) }
        drain()
    }

    func handleReading(_ id: ReaderID, _ news: ReadingNews) {
        guard news == .here else { return }
        player?.handleHere(id)
    }
}
