// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The parser under test, named by an environment variable, because libFuzzer calls a single function.
private let target: FuzzTarget = {
    let name = environment("FUZZ_TARGET") ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("FUZZ_TARGET is one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
        exit(2)
    }
    return target
}()

/// Called by libFuzzer first. Lists the targets or writes a target's seeds, if the environment says so.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ argumentCount: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    if environment("FUZZ_LIST") != nil {
        for target in FuzzTarget.all { print(target.name) }
        exit(0)
    }
    if let folder = environment("FUZZ_SEEDS") {
        for (index, seed) in target.seeds().enumerated() { write(seed, to: "\(folder)/seed-\(index)") }
        exit(0)
    }
    return 0
}

/// Called by libFuzzer with each input. A trap in here is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: bytes, count: byteCount)))
    return 0
}

func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "wb") else { fatalError("cannot write \(path)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}
