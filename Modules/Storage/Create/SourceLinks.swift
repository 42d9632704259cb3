// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Finds the symbolic links of a folder that lead to something in the same folder, as BEP 47 requires.
///
/// It resolves links by their text and the walk's results, without the file system.
struct SourceLinks {
    /// Maximum number of links followed for one; file systems have a similar limit.
    private static let maxHops = 16

    private enum Node {
        case file, folder
        case link(String)
    }

    private var nodes: [ExactPath: Node] = [:]

    init(_ entries: [SourceEntry]) {
        for entry in entries {
            for depth in entry.path.indices { nodes[ExactPath(entry.path[..<depth])] = .folder }
            switch entry.content {
            case .file: nodes[ExactPath(entry.path)] = .file
            case .link(let text): nodes[ExactPath(entry.path)] = .link(text)
            }
        }
    }

    /// Returns where `link` points, relative to the source's root: a file, a folder, or a link that finally leads to
    /// one. Nil for any other target.
    func target(of link: SourceEntry) -> [String]? {
        guard case .link(let text) = link.content, let first = path(of: text, from: link.path) else { return nil }
        var current = first
        for _ in 0..<Self.maxHops {
            switch nodes[ExactPath(current)] {
            case .file: return first
            // A link to the root would make the torrent contain itself.
            case .folder: return current.isEmpty ? nil : first
            case .link(let next):
                guard let target = path(of: next, from: current) else { return nil }
                current = target
            case nil: return nil
            }
        }
        return nil
    }

    /// Returns the target `text` of the link at `link`, relative to the source's root; nil if it is absolute or climbs
    /// out.
    private func path(of text: String, from link: [String]) -> [String]? {
        guard !text.utf8.starts(with: "/".utf8) else { return nil }
        var path = Array(link.dropLast())
        // Compared as bytes, because a combining mark after a slash makes it another `Character`.
        for component in text.utf8.split(separator: UInt8(ascii: "/")) where !component.elementsEqual(".".utf8) {
            guard component.elementsEqual("..".utf8) else {
                path.append(String(Substring(component)))
                continue
            }
            guard path.popLast() != nil else { return nil }
        }
        return path
    }
}
