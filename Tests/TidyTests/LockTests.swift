// SPDX-License-Identifier: Apache-2.0

import Testing

/// A `Mutex` that is inlined into what suspends may end the process: see `Locked`.
struct LockTests {
    @Test func modulesLockByLocked() {
        let files = Repository.moduleFiles.filter { $0.path != "Modules/Wire/Units/Locked.swift" }
        #expect(files.count { $0.code.offences("Locked(").isEmpty == false } > 20, "the scan sees locks")
        expectNone(files.flatMap { $0.code.offences("Mutex") })
    }
}
