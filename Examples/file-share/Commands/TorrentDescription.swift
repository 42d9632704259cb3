// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire

/// Describes a torrent in words.
enum TorrentDescription {
    /// Describes a .torrent file, optionally with its files.
    static func lines(_ metainfo: Metainfo, listsFiles: Bool) -> [String] {
        let info = metainfo.info
        let files = info.files.filter { !$0.isPadding }
        let size = files.reduce(0) { $0 + $1.size }
        var lines = [row("name", info.name), row("size", "\(HumanUnits.bytes(size)) (\(size) bytes)")]
        lines.append(row("files", "\(files.count)"))
        lines.append(row("pieces", "\(info.geometry.pieceCount) of \(HumanUnits.bytes(info.geometry.pieceLength))"))
        lines += hashes(info.hashes)
        if info.isPrivate { lines.append(row("private", "yes")) }
        for (tier, trackers) in metainfo.trackers.enumerated() {
            lines += trackers.map { row("tracker", metainfo.trackers.count > 1 ? "\($0) (tier \(tier + 1))" : $0) }
        }
        lines += metainfo.webSeeds.map { row("web seed", $0) }
        lines += metainfo.nodes.map { row("DHT node", "\($0.host):\($0.port)") }
        if let comment = metainfo.comment { lines.append(row("comment", comment)) }
        if let createdBy = metainfo.createdBy { lines.append(row("created by", createdBy)) }
        if let seconds = metainfo.creationDateSeconds {
            lines.append(row("created on", Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()))
        }
        lines.append(row("magnet", MagnetLink(metainfo).description))
        return listsFiles ? lines + [""] + files.map(line) : lines
    }

    /// Describes a magnet link.
    static func lines(_ magnet: MagnetLink) -> [String] {
        var lines = magnet.displayName.map { [row("name", $0)] } ?? []
        lines += hashes(magnet.hashes)
        lines += magnet.trackers.map { row("tracker", $0) }
        lines += magnet.webSeeds.map { row("web seed", $0) }
        lines += magnet.peers.map { row("peer", $0.description) }
        if let selected = magnet.selectedFiles {
            let ranges = selected.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            lines.append(row("selects", "files \(ranges.joined(separator: ", "))"))
        }
        return lines
    }

    private static func hashes(_ hashes: InfoHashes) -> [String] {
        [hashes.v1.map { row("v1", "\($0)") }, hashes.v2.map { row("v2", "\($0)") }].compactMap(\.self)
    }

    private static func line(_ file: FileEntry) -> String {
        let path = file.path.joined(separator: "/")
        if let target = file.symlinkTarget {
            return "link".padded(11, left: true) + "  \(path) → \(target.joined(separator: "/"))"
        }
        return HumanUnits.bytes(file.size).padded(11, left: true) + "  \(path)\(file.isExecutable ? " *" : "")"
    }

    private static func row(_ name: String, _ value: String) -> String { name.padded(10) + value }
}
