// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheWire

/// A request to a device over HTTP.
package struct RouterRequest: Hashable, Sendable {
    package let url: DeviceURL
    /// The value of `SOAPAction` for an action; nil for a description.
    package let action: String?
    package let body: String

    /// Requests a description.
    init(describing url: DeviceURL) {
        self.url = url
        action = nil
        body = ""
    }

    /// Calls an action of a service (UPnP Device Architecture 1.1, section 3.2.1), with arguments in the order given.
    init(_ action: String, of service: MappingService, _ arguments: [(name: String, value: String)] = []) {
        url = service.control
        self.action = "\"\(service.type)#\(action)\""
        let fields = arguments.map { "<\($0.name)>\(Self.escaped($0.value))</\($0.name)>" }.joined()
        body = """
            <?xml version="1.0"?>\r
            <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" \
            s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>\
            <u:\(action) xmlns:u="\(service.type)">\(fields)</u:\(action)></s:Body></s:Envelope>\r

            """
    }

    /// Encodes the request. HTTP/1.1, because some devices refuse 1.0; the connection carries only this request.
    package func makeBytes() -> ByteBuffer {
        let method = action == nil ? "GET" : "POST"
        var head = "\(method) \(url.target) HTTP/1.1\r\nHost: \(url.endpoint)\r\nConnection: close\r\n"
        head += "User-Agent: Ruche UPnP/1.1\r\n"
        if let action {
            head += "Content-Type: text/xml; charset=\"utf-8\"\r\nContent-Length: \(body.utf8.count)\r\n"
            head += "SOAPAction: \(action)\r\n"
        }
        return ByteBuffer(string: head + "\r\n" + body)
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.append(character)
            }
        }
    }
}

/// The response to a `RouterRequest`.
package struct RouterAnswer: Hashable, Sendable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// The error of a failed action (UPnP Device Architecture 1.1, section 3.2.2).
    package struct Fault: Error, Hashable, Sendable {
        package let code: Int
        package init(code: Int) { self.code = code }

        static let actionFailed = Self(code: 501)
        static let notAuthorised = Self(code: 606)
        static let conflict = Self(code: 718)
        static let onlyPermanentLeases = Self(code: 725)
        static let noPorts = Self(code: 728)

        var error: PortMappingError {
            let kind: PortMappingError.Code =
                switch self {
                case .conflict: .conflict
                case .notAuthorised: .refused
                case .noPorts: .exhausted
                default: .unsupported
                }
            return PortMappingError(kind, "UPnP error \(code)")
        }
    }

    /// Returns the results of `action` by name. Throws the fault in the response, or code 0 if the response is
    /// malformed.
    package func results(of action: String, limits: PortMappingLimits) throws(Fault) -> [String: String] {
        guard let document = try? XMLReader.read(body, limits: limits), let content = document.child("Body") else {
            throw Fault(code: 0)
        }
        if let fault = content.child("Fault") {
            throw Fault(code: fault.first("errorCode").flatMap { Int($0.text) } ?? 0)
        }
        guard status == 200, let response = content.child("\(action)Response") else { throw Fault(code: 0) }
        return Dictionary(response.children.map { ($0.name, $0.text) }) { first, _ in first }
    }
}
