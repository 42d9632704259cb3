// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What a store can do beyond keeping pieces; nil where it cannot.
///
/// A store hands out its abilities rather than being cast, so that a store over another can pass on those that it honours.
public struct StoreAbilities: Sendable {
    /// Keeps whole files that others can read.
    public var files: (any FileLocating)?
    /// Leaves out files that nobody wants.
    public var selection: (any Selecting)?
    /// Takes what it holds elsewhere.
    public var moving: (any Moving)?
    /// Deletes what it holds.
    public var removal: (any Removing)?
    /// Tells what of its content is the torrent's, and notices what it has lost.
    public var claims: (any Claiming)?
    /// Remembers which pieces it holds.
    public var vouching: (any Vouching)?

    /// A store that keeps pieces, and nothing else.
    public init() {}
}

/// A store that keeps a torrent as files. Indices are those of `TorrentInfo.files`. Calls block.
public protocol FileLocating: AnyObject, Sendable {
    /// The folder that the torrent's paths are relative to.
    var folder: String { get }

    /// What the disk says of each file that is there; the index after the last file means what is kept beside the files.
    ///
    /// - Throws: `StorageError` where the disk cannot be asked.
    func allFacts() throws(StorageError) -> [Int: FileFacts]

    /// What the disk says of one file; nil where it is not there.
    ///
    /// - Throws: `StorageError` where the disk cannot be asked.
    func facts(file: Int) throws(StorageError) -> FileFacts?

    /// The path of `file` once it is finished, or the one that it has until then. Does not block.
    func path(of file: Int, isFinished: Bool) -> String

    /// Gives a complete file its final name, once it is certain that what has the name is what was written.
    ///
    /// - Throws: `StorageError`: `.lost` where the file is gone, `.occupied` where another one is in its place.
    func finish(file: Int) throws(StorageError)
}

/// A store that can leave files out. Calls block.
public protocol Selecting: AnyObject, Sendable {
    /// Says whether `file` will be downloaded; all will at first.
    ///
    /// - Throws: `StorageError`.
    func setWanted(_ wanted: Bool, file: Int) throws(StorageError)
}

/// A store that can take its content elsewhere. Calls block.
public protocol Moving: AnyObject, Sendable {
    /// Moves everything to `folder`. After an error everything is where it was.
    ///
    /// - Throws: `StorageError`.
    func move(to folder: String) throws(StorageError)
}

/// A store that can delete its content. Calls block.
public protocol Removing: AnyObject, Sendable {
    /// Deletes what is the torrent's, and nothing else.
    ///
    /// - Throws: `StorageError`.
    func removeData() throws(StorageError)
}

/// A store that others can write to, the user above all: it tells what is the torrent's from what is not. Calls block.
public protocol Claiming: AnyObject, Sendable {
    /// Takes what `have` lies in for the torrent's: called once these pieces were verified, and before anything is written.
    ///
    /// - Throws: `StorageError.Code.occupied` where something else is in the way, which is left as it is.
    func claim(_ have: Bitfield) throws(StorageError)

    /// Whether `takeNotices` has anything to tell. Does not block.
    var hasNotices: Bool { get }

    /// What was noticed since the last call.
    func takeNotices() -> [StoreNotice]
}

/// A store that remembers which pieces it holds, so that nothing has to be checked when a torrent is opened. Calls block.
public protocol Vouching: AnyObject, Sendable {
    /// Pieces that were written in whole, or verified, and have not changed since. They are taken on trust and offered to
    /// peers unread. Empty where it does not know.
    ///
    /// - Throws: `StorageError` where that cannot be told now.
    func vouchedPieces() throws(StorageError) -> Bitfield
}

/// Something that happened to a store behind our back.
public struct StoreNotice: Hashable, Sendable {
    /// The pieces that are no longer there, as far as they were; none where nothing was lost.
    public let lost: Range<Int>
    /// The path concerned, and what happened, for the user.
    public let words: String

    /// `lost` is empty where nothing was lost; `words` are a line for the user.
    public init(lost: Range<Int>, words: String) {
        self.lost = lost
        self.words = words
    }
}
