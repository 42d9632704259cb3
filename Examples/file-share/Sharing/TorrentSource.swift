// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheSwarm
import RucheWire

/// The source of a torrent: a .torrent file or a magnet link.
enum TorrentSource {
    case file(Metainfo)
    case magnet(MagnetLink)

    /// Throws if the file cannot be read, or the file or link is invalid.
    init(_ text: String) throws {
        switch try TorrentName(text) {
        case .magnet(let link): self = .magnet(try MagnetLink(parsing: link))
        case .file(let path): self = .file(try Self.readFile(path))
        }
    }

    /// Reads and parses a .torrent file. `waitsForPipe`: a pipe is read too, once another program writes to it.
    static func readFile(_ path: String, waitsForPipe: Bool = true) throws -> Metainfo {
        let bytes = try readBytes(path, waitsForPipe: waitsForPipe)
        do throws(MetainfoError) {
            return try MetainfoParser.parse(bytes)
        } catch {
            throw CommandFailure("\(path): \(ErrorWords(error).line)")
        }
    }

    /// Reads at most the maximum size of a .torrent file, whatever the path is.
    static func readBytes(_ path: String, waitsForPipe: Bool = true) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (waitsForPipe ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw CommandFailure("cannot read \(path): \(String(cString: strerror(errno)))") }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard waitsForPipe || isFile(descriptor) else { throw CommandFailure("cannot read \(path): it is not a file") }
        let limit = WireLimits.standard.bencodeByteCount
        guard let data = try? file.read(upToCount: limit + 1) ?? Data() else {
            throw CommandFailure("cannot read \(path): a folder is not a .torrent file")
        }
        guard data.count <= limit else {
            throw CommandFailure("\(path) is larger than any torrent: over \(limit) bytes")
        }
        return [UInt8](data)
    }

    private static func isFile(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}

extension Session {
    /// Adds a torrent from a file or link.
    func add(_ source: TorrentSource, options: AddOptions) async throws -> Torrent {
        switch source {
        case .file(let metainfo): try await add(metainfo, options: options)
        case .magnet(let magnet): try await add(magnet, options: options)
        }
    }
}
