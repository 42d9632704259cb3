// SPDX-License-Identifier: Apache-2.0

extension ServiceURL {
    /// Resolves `location`, a URL or a reference relative to this URL (RFC 3986, section 5.2).
    ///
    /// The credentials are kept only for the same origin, unless `location` has its own.
    ///
    /// - Throws: `.unfitURL`, as `init` does.
    package func resolving(_ location: String) throws(HTTPError) -> ServiceURL {
        let trimmed = Self.trimmed(location)
        let whole = URLText.withSlashes(trimmed.prefix { $0 != "#" })
        let rest = withoutOwnScheme(whole)
        let reference = rest ?? whole
        // What follows the own scheme is a path, even if it looks like a URL again.
        if rest == nil, Self.hasScheme(reference) {
            return try ServiceURL(String(reference)).keepingCredentials(of: self)
        }
        if reference.hasPrefix("//") {
            return try ServiceURL("\(scheme.rawValue):\(reference)").keepingCredentials(of: self)
        }
        guard !reference.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }),
            reference.utf8.count <= HTTPLimits().urlByteCount
        else { throw HTTPError(.unfitURL, "a control character in \(location.debugDescription)") }
        return asking(for: mergedTarget(reference))
    }

    /// Browsers read a URL of this scheme without an authority, such as `http:/path`, as a relative one. Nil for others.
    private func withoutOwnScheme(_ reference: Substring) -> Substring? {
        let prefix = scheme.rawValue + ":"
        let rest = reference.dropFirst(prefix.count)
        return reference.prefix(prefix.count).lowercased() == prefix && !rest.hasPrefix("//") ? rest : nil
    }

    private func mergedTarget(_ reference: Substring) -> String {
        guard !reference.isEmpty else { return target }
        let ownPath = target.prefix { $0 != "?" }
        let path = reference.prefix { $0 != "?" }
        let query = reference[path.endIndex...]
        if path.isEmpty { return (ownPath.isEmpty ? "/" : String(ownPath)) + query }
        if path.hasPrefix("/") { return URLText.withoutDots(path) + query }
        let folder = ownPath.lastIndex(of: "/").map { ownPath[...$0] } ?? "/"
        return URLText.withoutDots(folder + path) + query
    }

    private func keepingCredentials(of other: ServiceURL) -> ServiceURL {
        guard credentials == nil, hasSameOrigin(as: other) else { return self }
        return ServiceURL(scheme: scheme, host: host, port: port, target: target, credentials: other.credentials)
    }

    private static func trimmed(_ text: String) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }

    private static func hasScheme(_ reference: Substring) -> Bool {
        let name = reference.prefix { $0 != ":" && $0 != "/" && $0 != "?" }
        guard name.endIndex < reference.endIndex, reference[name.endIndex] == ":", let first = name.first else {
            return false
        }
        return first.isASCII && first.isLetter
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    }
}
