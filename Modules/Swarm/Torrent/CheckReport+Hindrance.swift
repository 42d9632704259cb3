// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage

extension CheckReport {
    /// Why a file could not be checked, if that says nothing about its bytes: its contents are not lost.
    var hindrance: StorageError? {
        files.lazy.compactMap { file in
            guard case .unreadable(let error) = file.status, error.code.saysNothingOfBytes else { return nil }
            return error
        }.first
    }
}

extension StorageError.Code {
    fileprivate var saysNothingOfBytes: Bool { passes || self == .permission || self == .diskGone }
}
