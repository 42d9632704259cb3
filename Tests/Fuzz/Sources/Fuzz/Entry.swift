// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The parser under test: libFuzzer has one function for all, so the environment says which.
private let target: FuzzTarget = {
    let name = environment("FUZZ_TARGET") ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("FUZZ_TARGET is one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
        exit(2)
    }
    return target
}()

/// Called by libFuzzer before anything else. Lists the targets or writes a target's seeds if that is what is wanted.
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

/// Called by libFuzzer with each input; a trap in here is a finding.
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
