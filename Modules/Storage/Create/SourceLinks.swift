// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Finds which symbolic links of a folder lead to something in the same folder, as BEP 47 wants them.
///
/// It goes by the text of the links and by what the walk found, not by the file system.
struct SourceLinks {
    /// Links followed for one, as file systems have it.
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

    /// Where `link` points, from the source's root: a file, a folder, or a link that leads to one in the end. Nil for any
    /// other end.
    func target(of link: SourceEntry) -> [String]? {
        guard case .link(let text) = link.content, let first = path(of: text, from: link.path) else { return nil }
        var current = first
        for _ in 0..<Self.maxHops {
            switch nodes[ExactPath(current)] {
            case .file: return first
            // A link to the whole torrent would contain itself.
            case .folder: return current.isEmpty ? nil : first
            case .link(let next):
                guard let target = path(of: next, from: current) else { return nil }
                current = target
            case nil: return nil
            }
        }
        return nil
    }

    /// `text`, the text of the link at `link`, from the source's root; nil where it climbs out, or counts from the file
    /// system's root.
    private func path(of text: String, from link: [String]) -> [String]? {
        guard !text.utf8.starts(with: "/".utf8) else { return nil }
        var path = Array(link.dropLast())
        // By bytes: a combining mark behind a slash makes another character of it.
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
