// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

extension FuzzTarget {
    /// A session's catalogue on disk: any bytes can be opened, and entries that were found are found again.
    static let catalogue = FuzzTarget(name: "catalogue", seeds: { [Array("RUCHECAT".utf8) + [1, 0]] }) { bytes in
        mkdir(catalogueFolder, 0o700)
        write(bytes, to: "\(catalogueFolder)/\(SessionCatalogue.name)")
        guard let first = try? SessionCatalogue.open(in: catalogueFolder) else { return }
        let count = first.entries.count
        try? first.catalogue.close()
        guard let again = try? SessionCatalogue.open(in: catalogueFolder) else {
            return require(false, "what was opened can be opened again")
        }
        require(again.entries.count == count, "opening loses no torrent and makes none")
        try? again.catalogue.close()
    }

    private static let catalogueFolder = (environment("FUZZ_SCRATCH") ?? "/tmp") + "/ruche-fuzz-\(getpid())"
}
