// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

extension Metainfo {
    /// Everything that `inspect` reports about a .torrent file.
    var json: JSONValue {
        [
            "valid": true,
            "error": nil,
            "name": .string(info.name),
            "infoHashV1": JSONValue(info.hashes.v1?.description),
            "infoHashV2": JSONValue(info.hashes.v2?.description),
            "magnet": .string(MagnetLink(self).description),
            "pieceLength": .int(info.geometry.pieceLength),
            "pieceCount": .int(info.geometry.pieceCount),
            "totalSize": .int(info.totalSize),
            "private": .bool(info.isPrivate),
            "trackers": JSONValue(trackers.flatMap(\.self)),
            "trackerTiers": .array(trackers.map { JSONValue($0) }),
            "webSeeds": JSONValue(webSeeds),
            "nodes": JSONValue(nodes.map { "\($0.host):\($0.port)" }),
            "comment": JSONValue(comment),
            "createdBy": JSONValue(createdBy),
            "creationDate": creationDateSeconds.map { .int(Int($0)) } ?? nil,
            "files": .array(info.files.map(\.json)),
        ]
    }
}

extension FileEntry {
    fileprivate var json: JSONValue {
        [
            "path": .string(path.joined(separator: "/")),
            "size": .int(size),
            "pad": .bool(isPadding),
            "executable": .bool(isExecutable),
            "hidden": .bool(isHidden),
            "symlink": JSONValue(symlinkTarget?.joined(separator: "/")),
            "root": JSONValue(root?.description),
        ]
    }
}

extension MagnetLink {
    /// What a magnet link contains; the rest is known once peers have sent the metadata.
    var json: JSONValue {
        [
            "valid": true,
            "error": nil,
            "name": JSONValue(displayName),
            "infoHashV1": JSONValue(hashes.v1?.description),
            "infoHashV2": JSONValue(hashes.v2?.description),
            "magnet": .string(description),
            "pieceLength": nil,
            "pieceCount": nil,
            "totalSize": nil,
            "private": nil,
            "trackers": JSONValue(trackers),
            "webSeeds": JSONValue(webSeeds),
            "peers": JSONValue(peers.map(\.description)),
            "selectedFiles": selectedFiles.map { .array($0.map { [.int($0.lowerBound), .int($0.upperBound)] }) } ?? nil,
            "files": nil,
        ]
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
