// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The optional abilities of a store; nil for those it lacks.
///
/// A store hands out its abilities instead of being cast, so a store that wraps another can pass on those it supports.
public struct StoreAbilities: Sendable {
    /// Stores whole files that others can read.
    public var files: (any FileLocating)?
    /// Skips unwanted files.
    public var selection: (any Selecting)?
    /// Moves its content.
    public var moving: (any Moving)?
    /// Deletes its content.
    public var removal: (any Removing)?
    /// Knows which of its content is the torrent's, and notices what it has lost.
    public var claims: (any Claiming)?
    /// Remembers which pieces it holds.
    public var vouching: (any Vouching)?

    /// Makes room for pieces that are added to content that grows.
    public var growth: (any Growing)?
    /// Drops pieces that are no longer shared.
    public var trimming: (any Trimming)?

    /// A store without optional abilities.
    public init() {}
}

/// A store that keeps a torrent as files. Indices are those of `TorrentInfo.files`. Calls block.
public protocol FileLocating: AnyObject, Sendable {
    /// The folder that the torrent's paths are relative to.
    var folder: String { get }

    /// Returns the size and time of each existing file, by index. The index after the last file stands for what is kept
    /// outside the files.
    ///
    /// - Throws: `StorageError` if the disk cannot be queried.
    func allFacts() throws(StorageError) -> [Int: FileFacts]

    /// Returns the size and time of one file; nil if it does not exist.
    ///
    /// - Throws: `StorageError` if the disk cannot be queried.
    func facts(file: Int) throws(StorageError) -> FileFacts?

    /// The path of `file` once it is finished, or the one that it has until then. Does not block.
    func path(of file: Int, isFinished: Bool) -> String

    /// Gives a complete file its final name, after checking that the file on disk is the one that was written.
    ///
    /// - Throws: `StorageError`: `.lost` if the file is gone, `.occupied` if another one is in its place.
    func finish(file: Int) throws(StorageError)
}

/// A store that can skip files. Calls block.
public protocol Selecting: AnyObject, Sendable {
    /// Sets whether `file` will be downloaded; by default all files are.
    ///
    /// - Throws: `StorageError` if bytes that the store already has of it cannot be moved to where they belong now.
    func setWanted(_ wanted: Bool, file: Int) throws(StorageError)
}

/// A store that can move its content. Calls block.
public protocol Moving: AnyObject, Sendable {
    /// Moves everything to `folder`. After an error, everything is where it was.
    ///
    /// - Throws: `StorageError` if something cannot be moved, or something else is in its way.
    func move(to folder: String) throws(StorageError)
}

/// A store that can delete its content. Calls block.
public protocol Removing: AnyObject, Sendable {
    /// Deletes what belongs to the torrent, and nothing else.
    ///
    /// - Throws: `StorageError` if something cannot be deleted.
    func removeData() throws(StorageError)
}

/// A store that others, above all the user, can write to. It distinguishes what is the torrent's. Calls block.
public protocol Claiming: AnyObject, Sendable {
    /// Takes the files that hold pieces of `have` as the torrent's. The engine calls it once these pieces are verified,
    /// before it writes anything.
    ///
    /// - Throws: `StorageError.Code.occupied` if something else is in the way; it is left unchanged.
    func claim(_ have: Bitfield) throws(StorageError)

    /// Whether `takeNotices` would return anything. Does not block.
    var hasNotices: Bool { get }

    /// Returns and clears what was noticed since the last call.
    func takeNotices() -> [StoreNotice]
}

/// A store that remembers which pieces it holds, so nothing has to be checked when a torrent is opened. Calls block.
public protocol Vouching: AnyObject, Sendable {
    /// The pieces that were written completely, or verified, and have not changed since. The engine trusts them and
    /// offers them to peers without reading them. Empty if the store does not know.
    ///
    /// - Throws: `StorageError` if that cannot be determined now.
    func vouchedPieces() throws(StorageError) -> Bitfield
}

/// A store that must know the size of its content, and can make room for more. A store without this ability takes any
/// piece.
public protocol Growing: AnyObject, Sendable {
    /// Makes room for the content that `geometry` describes. Called on the disk pool before any new piece is written,
    /// and again after it has failed.
    ///
    /// - Throws: `StorageError` if there is no room now.
    func grow(to geometry: PieceGeometry) throws(StorageError)
}

/// A store that can drop the oldest pieces of content that keeps a window.
public protocol Trimming: AnyObject, Sendable {
    /// Frees the space of the pieces before `first`, which are never read again. Called on the disk pool.
    ///
    /// - Throws: `StorageError` if the space cannot be freed now.
    func trim(before first: PieceIndex) throws(StorageError)
}

/// Something that happened to a store outside the engine's control.
public struct StoreNotice: Hashable, Sendable {
    /// The pieces that were lost; empty if none were.
    public let lost: Range<Int>
    /// The path and what happened to it, for the user.
    public let words: String

    /// `lost` is empty if nothing was lost; `words` are one line for the user.
    public init(lost: Range<Int>, words: String) {
        self.lost = lost
        self.words = words
    }
}
