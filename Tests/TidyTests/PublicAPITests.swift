// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What users of the SDK see is decided on purpose: the public declarations are listed in docs/public-api.
@Suite(.timeLimit(.minutes(2))) struct PublicAPITests {
    @Test("The lists name what is public; `make public-api` renews them")
    func listsAreTrue() throws {
        let (status, output) = try Self.run([])
        #expect(status == 0, "\n\(output)")
    }

    @Test("The scan sees what is public, and nothing else")
    func scan() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "api-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let module = folder.appending(path: "Modules/Sample")
        try FileManager.default.createDirectory(at: module, withIntermediateDirectories: true)
        let source = """
            public struct A<T>: Hashable {
                public internal(set) var b = [1: "}"] { didSet {} }
                /// public func no()
                @inlinable public func c(
                    _ d: Int = 1
                ) throws(E) -> Int where T: P { func public_() {}; return 1 }
                let e: Int
                public enum F { case g(Int), h }
            }
            package struct I { public func no() {} }
            public protocol J: K {
                var l: Int { get set }
            }
            extension A: J where T == Int { public var l: Int { get { 1 } set {} } }
            extension I { public var no: Int { 1 } }
            """
        try source.write(to: module.appending(path: "A.swift"), atomically: true, encoding: .utf8)
        let (status, output) = try Self.run(["--print", folder.path(percentEncoded: false)])
        #expect(status == 0)
        #expect(
            output == """
                extension A: J where T == Int
                struct A<T>: Hashable
                A: func c(_ d: Int = 1) throws(E) -> Int where T: P
                A: internal(set) var b
                A: var l: Int
                A: enum F
                A.F: case g(Int), h
                protocol J: K
                J: var l: Int { get set }

                """
        )
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let script = Process()
        script.executableURL = Repository.root.appending(path: ".ci/public-api")
        script.arguments = arguments
        let pipe = Pipe()
        script.standardOutput = pipe
        script.standardError = pipe
        try script.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        script.waitUntilExit()
        return (script.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
