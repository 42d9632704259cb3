// SPDX-License-Identifier: Apache-2.0

/// Finds what symbolic links of a torrent point to, among the torrent's own files and folders only.
///
/// A target counts from the torrent's root (BEP 47); where nothing is there, from the link's own folder, as many makers
/// have it. A link that leads out of the torrent, nowhere or in a circle has no target.
struct SymlinkResolver {
    /// Links followed for one target, as file systems have it.
    private static let maxHops = 16

    private enum Node {
        case entry(path: [String])
        case link(target: [ArraySlice<UInt8>], path: [String])
    }

    private var nodes: [[ArraySlice<UInt8>]: Node] = [:]

    /// `paths` are those granted to `files`, the torrent's name first.
    init(files: [RawFile], paths: [[String]]) {
        for (file, path) in zip(files, paths) where !file.attributes.contains(.padding) {
            for depth in 0..<file.path.count where nodes[Array(file.path.prefix(depth))] == nil {
                nodes[Array(file.path.prefix(depth))] = .entry(path: Array(path.prefix(depth + 1)))
            }
            guard nodes[file.path] == nil else { continue }
            nodes[file.path] = file.symlinkTarget.map { .link(target: $0, path: path) } ?? .entry(path: path)
        }
    }

    /// Where `link` may point: a path with the torrent's name first, that ends at a file or folder of the torrent.
    func target(of link: RawFile) -> [String]? {
        guard let target = link.symlinkTarget else { return nil }
        for candidate in candidates(for: target, in: link.path.dropLast()) where candidate != link.path {
            var hops = 0
            if realPath(of: candidate, hops: &hops) != nil { return grantedPath(of: candidate) }
        }
        return nil
    }

    /// Where `raw` ends once every link on its way is followed; nil where that is nowhere in the torrent.
    ///
    /// Recursive, no deeper than `maxHops`, and no more calls than that, since all share `hops`.
    private func realPath(of raw: [ArraySlice<UInt8>], hops: inout Int) -> [ArraySlice<UInt8>]? {
        var walked: [ArraySlice<UInt8>] = []
        for component in raw {
            walked.append(component)
            switch nodes[walked] {
            case nil: return nil
            case .entry: continue
            case .link(let target, _):
                guard let next = followed(target, from: walked.dropLast(), hops: &hops) else { return nil }
                walked = next
            }
        }
        return walked
    }

    private func followed(
        _ target: [ArraySlice<UInt8>],
        from folder: ArraySlice<ArraySlice<UInt8>>,
        hops: inout Int
    ) -> [ArraySlice<UInt8>]? {
        for candidate in candidates(for: target, in: folder) {
            hops += 1
            guard hops <= Self.maxHops else { return nil }
            if let end = realPath(of: candidate, hops: &hops) { return end }
        }
        return nil
    }

    /// `raw` in the names that were granted; below a link, in safe names.
    private func grantedPath(of raw: [ArraySlice<UInt8>]) -> [String] {
        var granted: [String] = []
        var walked: [ArraySlice<UInt8>] = []
        for component in raw {
            walked.append(component)
            switch nodes[walked] {
            case .entry(let path), .link(_, let path): granted = path
            case nil: granted.append(PathSanitiser.component(component))
            }
        }
        return granted
    }

    /// The places that `target` may mean, the one the specification has it mean first.
    private func candidates(
        for target: [ArraySlice<UInt8>],
        in folder: ArraySlice<ArraySlice<UInt8>>
    ) -> [[ArraySlice<UInt8>]] {
        [normalised(target, from: []), normalised(target, from: folder)].compactMap(\.self)
    }

    /// `target` from `folder`, with `.` and `..` worked out; nil where it climbs above the torrent's root.
    private func normalised(
        _ target: [ArraySlice<UInt8>],
        from folder: ArraySlice<ArraySlice<UInt8>>
    ) -> [ArraySlice<UInt8>]? {
        var path = Array(folder)
        for component in target {
            if component.elementsEqual(".".utf8) || component.isEmpty { continue }
            guard component.elementsEqual("..".utf8) else {
                path.append(component)
                continue
            }
            guard path.popLast() != nil else { return nil }
        }
        return path.isEmpty ? nil : path
    }
}
