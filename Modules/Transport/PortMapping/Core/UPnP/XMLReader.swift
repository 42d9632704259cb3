// SPDX-License-Identifier: Apache-2.0

/// Reads the subset of XML that UPnP needs: elements, text, CDATA, comments, the five predefined entities and character
/// references. Attributes are skipped. A document type is rejected, so no entity can be defined that expands.
///
/// Each byte is read a constant number of times; bytes, elements and depth are limited. Anything after the outermost
/// element is ignored, because some devices append zeros.
package struct XMLReader {
    private let bytes: [UInt8]
    private let limits: PortMappingLimits
    private var offset = 0
    private var elementCount = 0
    /// The open elements, outermost first.
    private var open: [XMLElement] = []

    private init(_ bytes: [UInt8], _ limits: PortMappingLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Reads a document and returns its outermost element.
    package static func read(_ bytes: [UInt8], limits: PortMappingLimits) throws(XMLRefusal) -> XMLElement {
        guard bytes.count <= limits.documentBytes else {
            throw XMLRefusal("more than \(limits.documentBytes) bytes", at: bytes.count)
        }
        var reader = XMLReader(bytes, limits)
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.offset = 3 }
        return try reader.readDocument()
    }

    private mutating func readDocument() throws(XMLRefusal) -> XMLElement {
        while offset < bytes.count {
            if bytes[offset] != UInt8(ascii: "<") {
                try readText()
            } else if skips("<!--") {
                try skip(past: "-->")
            } else if skips("<![CDATA[") {
                try readCharacterData()
            } else if skips("<?") {
                try skip(past: "?>")
            } else if skips("</") {
                if let root = try readEnd() { return root }
            } else if let root = try readStart() {
                return root
            }
        }
        throw XMLRefusal("the document ends early", at: offset)
    }

    // MARK: - Markup

    /// Returns the element if it is empty and the outermost one.
    private mutating func readStart() throws(XMLRefusal) -> XMLElement? {
        offset += 1
        let name = try readName()
        elementCount += 1
        guard elementCount <= limits.documentElements, open.count < limits.documentDepth else {
            throw XMLRefusal("too many elements", at: offset)
        }
        open.append(XMLElement(name: name))
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: ">"):
                offset += 1
                return nil
            case UInt8(ascii: "/"):
                guard skips("/>") else { throw XMLRefusal("a stray slash", at: offset) }
                return close()
            case UInt8(ascii: "\""), UInt8(ascii: "'"): try skipQuoted()
            case UInt8(ascii: "<"): throw XMLRefusal("a tag within a tag", at: offset)
            default: offset += 1
            }
        }
        throw XMLRefusal("a tag without end", at: offset)
    }

    /// Returns the outermost element if it ends here.
    private mutating func readEnd() throws(XMLRefusal) -> XMLElement? {
        let start = offset
        let name = try readName()
        while offset < bytes.count, bytes[offset].isXMLSpace { offset += 1 }
        guard skips(">"), open.last?.name == name else { throw XMLRefusal("a mismatched end tag", at: start) }
        return close()
    }

    private mutating func close() -> XMLElement? {
        guard let element = open.popLast() else { return nil }
        guard !open.isEmpty else { return element.trimmed }
        open[open.count - 1].children.append(element.trimmed)
        return nil
    }

    /// Reads a name and drops its prefix.
    private mutating func readName() throws(XMLRefusal) -> String {
        let start = offset
        var local = offset
        while offset < bytes.count, bytes[offset].isXMLName {
            if bytes[offset] == UInt8(ascii: ":") { local = offset + 1 }
            offset += 1
        }
        guard local < offset, offset - start <= 128 else { throw XMLRefusal("no name", at: start) }
        return String(decoding: bytes[local..<offset], as: UTF8.self)
    }

    private mutating func skipQuoted() throws(XMLRefusal) {
        let quote = bytes[offset]
        let end = bytes[(offset + 1)...].firstIndex(of: quote)
        guard let end else { throw XMLRefusal("a quote without end", at: offset) }
        offset = end + 1
    }

    private mutating func skips(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - offset >= count else { return false }
        let isThere = text.withUTF8Buffer { bytes[offset..<offset + count].elementsEqual($0) }
        if isThere { offset += count }
        return isThere
    }

    private mutating func skip(past text: StaticString) throws(XMLRefusal) {
        while offset < bytes.count {
            if skips(text) { return }
            offset += 1
        }
        throw XMLRefusal("the document ends early", at: offset)
    }

    // MARK: - Text

    private mutating func readText() throws(XMLRefusal) {
        let start = offset
        var text: [UInt8] = []
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "<") {
            if bytes[offset] == UInt8(ascii: "&") {
                text += try readReference()
            } else {
                text.append(bytes[offset])
                offset += 1
            }
        }
        try append(text, from: start)
    }

    private mutating func readCharacterData() throws(XMLRefusal) {
        let start = offset
        try skip(past: "]]>")
        try append(bytes[start..<offset - 3], from: start)
    }

    private mutating func append(_ text: some Collection<UInt8>, from start: Int) throws(XMLRefusal) {
        guard !open.isEmpty else {
            guard text.allSatisfy(\.isXMLSpace) else { throw XMLRefusal("text before the first element", at: start) }
            return
        }
        open[open.count - 1].text += String(decoding: text, as: UTF8.self)
    }

    /// Returns the bytes of a reference, which are never more than the reference itself.
    private mutating func readReference() throws(XMLRefusal) -> [UInt8] {
        let start = offset
        let end = bytes[offset...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
        guard let end else { throw XMLRefusal("a stray ampersand", at: start) }
        let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
        offset = end + 1
        switch name {
        case "amp": return [UInt8(ascii: "&")]
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default:
            let digits = name.dropFirst()
            let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            guard name.hasPrefix("#"), let number, number > 0, let scalar = Unicode.Scalar(number) else {
                throw XMLRefusal("the unknown entity \(name.debugDescription)", at: start)
            }
            return Array(String(Character(scalar)).utf8)
        }
    }
}

extension XMLElement {
    fileprivate var trimmed: XMLElement {
        var element = self
        let bytes = Array(text.utf8)
        let start = bytes.firstIndex { !$0.isXMLSpace } ?? bytes.endIndex
        let end = bytes.lastIndex { !$0.isXMLSpace }.map { $0 + 1 } ?? start
        element.text = String(decoding: bytes[start..<end], as: UTF8.self)
        return element
    }
}

extension UInt8 {
    fileprivate var isXMLSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }

    fileprivate var isXMLName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }
}
