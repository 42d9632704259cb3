// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheWire
import Testing

@testable import RucheTransport

@Suite("XML of devices")
struct XMLReaderTests {
    private func read(_ text: String, limits: PortMappingLimits = .init()) throws(XMLRefusal) -> XMLElement {
        try XMLReader.read(Array(text.utf8), limits: limits)
    }

    @Test("Elements, text, entities, CDATA, comments and attributes are parsed")
    func document() throws {
        let root = try read(
            """
            \u{feff}<?xml version="1.0"?>
            <!-- a > comment -->
            <s:root xmlns:s='a>b' x="1">
              <name> A &amp; B &#x43;&#68; </name><empty a="/>"/><c><![CDATA[<raw>]]></c>
              <deep><name>second</name></deep>
            </s:root>\0\0 what follows
            """
        )
        #expect(root.name == "root" && root.children.map(\.name) == ["name", "empty", "c", "deep"])
        #expect(root.child("name")?.text == "A & B CD" && root.child("c")?.text == "<raw>")
        #expect(root.child("deep")?.first("name")?.text == "second")
    }

    @Test(
        "Documents that could define an entity, are truncated or badly nested are rejected",
        arguments: [
            "", "text", "<", "<a", "<a>", "<a b=\"", "<a b='>", "</a>", "<a></b>", "<a><b></a></b>", "<a>&lol;</a>",
            "<a>&",
            "<!DOCTYPE a [<!ENTITY lol \"lol\">]><a>&lol;</a>", "<!DOCTYPE a><a/>", "<a>&#0;</a>", "<a>&#xd800;</a>",
            "<a>&#99999999;</a>", "<a><!-- </a>", "<a><![CDATA[</a>", "<a <b/>", "<a / >", "<>", "x<a/>", "<:/>",
            "<a><!ELEMENT b></a>",
        ]
    )
    func refusals(text: String) {
        #expect(throws: XMLRefusal.self) { try read(text) }
    }

    @Test("Bytes, elements and depth are bounded")
    func bounds() {
        var limits = PortMappingLimits()
        limits.documentDepth = 8
        limits.documentElements = 50
        limits.documentBytes = 1_000
        let deep = { String(repeating: "<a>", count: $0) + String(repeating: "</a>", count: $0) }
        let many = { "<r>" + String(repeating: "<a/>", count: $0) + "</r>" }
        #expect((try? read(deep(8), limits: limits)) != nil)
        #expect((try? read(deep(9), limits: limits)) == nil)
        #expect((try? read(many(49), limits: limits)) != nil)
        #expect((try? read(many(50), limits: limits)) == nil)
        #expect((try? read("<a>" + String(repeating: "x", count: 993) + "</a>", limits: limits)) != nil)
        #expect((try? read("<a>" + String(repeating: "x", count: 994) + "</a>", limits: limits)) == nil)
    }
}

@Suite("UPnP addresses and answers")
struct DeviceTests {
    @Test(
        "A device's URL has a numeric IPv4 address",
        arguments: [
            "http://router.lan/", "https://192.168.1.1/", "http://[fe80::1]/", "http://192.168.1.1:0/", "http://",
            "http://192.168.1.1:80@10.0.0.1/", "http://192.168.1.1/a b", "ftp://192.168.1.1/",
            "http://192.168.1.1/\r\nX: y",
        ]
    )
    func unfit(text: String) {
        #expect(DeviceURL(text) == nil)
    }

    @Test("References stay on the host that answered")
    func references() throws {
        let url = try #require(DeviceURL("HTTP://192.168.1.1:5000/folder/root.xml?x#y"))
        #expect(url.endpoint == PeerEndpoint("192.168.1.1:5000") && url.target == "/folder/root.xml?x")
        #expect(url.resolving("/ctl")?.target == "/ctl")
        #expect(url.resolving("ctl?q")?.target == "/folder/ctl?q")
        #expect(url.resolving("http://192.168.1.1:49152/ctl")?.endpoint.port == 49_152)
        for reference in [
            "http://192.168.1.2:5000/ctl", "//192.168.1.2/ctl", "http://127.0.0.1/", "", "/a b", "file://x",
        ] {
            #expect(url.resolving(reference) == nil, "\(reference)")
        }
    }

    @Test("An answer to a search counts only if it names its own address, in a private network")
    func answers() {
        let text = "HTTP/1.1 200 OK\r\nST: x\r\nLocation:  http://192.168.1.1:5000/root.xml \r\n\r\n"
        func found(_ text: String, from sender: String) -> DeviceURL? {
            DeviceSearch.location(in: ByteBuffer(string: text), from: PeerEndpoint(sender)!, byteLimit: 4_096)
        }
        #expect(found(text, from: "192.168.1.1:1900")?.target == "/root.xml")
        #expect(found(text, from: "192.168.1.2:1900") == nil)
        #expect(found(text.replacing("192.168.1.1", with: "192.0.2.1"), from: "192.0.2.1:1900") == nil)
        #expect(found(text.replacing(" 200", with: " 404"), from: "192.168.1.1:1900") == nil)
        #expect(found("NOTIFY * HTTP/1.1\r\n" + text, from: "192.168.1.1:1900") == nil)
        #expect(found(text + String(repeating: "x", count: 4_096), from: "192.168.1.1:1900") == nil)
    }

    @Test("The best service comes first, and one whose control URL is elsewhere is ignored")
    func services() throws {
        let url = try #require(DeviceURL("http://192.168.1.1:5000/root.xml"))
        let services = try MappingService.services(
            in: Array(FakeDevice.description(["PPPConnection:1", "IPConnection:1", "IPConnection:2"]).utf8),
            at: url,
            limits: .init()
        )
        #expect(services.map { $0.type.suffix(2) } == [":2", ":1", ":1"] && services[0].control.target == "/ctl/2")
        let elsewhere = FakeDevice.description(["IPConnection:1"]).replacing("/ctl", with: "http://192.168.1.2/ctl")
        #expect(throws: PortMappingError.self) {
            try MappingService.services(in: Array(elsewhere.utf8), at: url, limits: .init())
        }
    }

    @Test("A fault's code is parsed even if the status is 200")
    func faults() {
        let fault = FakeDevice.fault(725)
        #expect(throws: RouterAnswer.Fault.onlyPermanentLeases) {
            try RouterAnswer(status: 500, body: fault.body).results(of: "AddPortMapping", limits: .init())
        }
        #expect(throws: RouterAnswer.Fault(code: 0)) {
            try RouterAnswer(status: 200, body: Array("<html>".utf8)).results(of: "A", limits: .init())
        }
    }

    @Test("An action has its arguments in order, escaped")
    func action() throws {
        let control = try #require(DeviceURL("http://192.168.1.1:5000/ctl"))
        let service = MappingService(type: MappingService.types[1], control: control)
        let bytes = RouterRequest("Do", of: service, [("A", "<&>"), ("B", "")]).makeBytes()
        let text = String(buffer: bytes)
        #expect(text.hasPrefix("POST /ctl HTTP/1.1\r\nHost: 192.168.1.1:5000\r\n"))
        #expect(text.contains("SOAPAction: \"\(service.type)#Do\"\r\n"))
        #expect(text.contains("<A>&lt;&amp;&gt;</A><B></B>"))
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        #expect(text.contains("Content-Length: \(parts[1].utf8.count)\r\n"))
        #expect(try XMLReader.read(Array(parts[1].utf8), limits: .init()).first("Do")?.child("A")?.text == "<&>")
    }
}
