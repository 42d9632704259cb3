// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// From metadata to content, and what the driver reports.
extension TorrentLifecycle {
    /// Tries a suspended torrent again.
    func openAgain() async {
        handle(.retry)
        await waitUntilOpened()
    }

    /// Returns once the opening that is under way has ended.
    func waitUntilOpened() async { await opening?.value }

    /// Opens the store, reads the resume state, verifies what cannot be taken on trust, and lets the driver begin.
    func openContent(isExpectedWhole: Bool) async {
        do {
            let metainfo = try await loadMetainfo()
            let opened = try await OpenContent.open(
                metainfo,
                options,
                origin.selectedFiles,
                services,
                isExpectedWhole: isExpectedWhole,
                isUnwanted: isOpeningUnwanted
            ) { [weak self] share in
                self?.onLoop { $0.handle(.progress(share)) }
            }
            try await finishFiles(of: opened)
            guard !core.isClosed else { return try await opened.close(CarriedTotals()) }
            handOver(opened)
            handle(.opened(driver.core.holding))
        } catch is CancellationError {
            handle(.openingAbandoned)
        } catch {
            handle(.openingFailed(TorrentError(error)))
        }
        host?.handleOpened(self)
    }

    /// Names the files that a kill has left complete and without their names.
    private func finishFiles(of opened: OpenContent) async throws {
        do {
            for notice in try await opened.finishFiles() { logger.warning("\(notice.words)") }
        } catch {
            await opened.letGo()
            throw error
        }
    }

    private func handOver(_ opened: OpenContent) {
        content = opened
        driver.handleContent(opened.makeOpening(), opened.disk)
        driver.setWebSeeds(options.usesWebSeeds ? metainfo?.webSeeds ?? [] : [])
    }

    /// Returns the metainfo that is at hand, or its saved copy, checked by its info-hash.
    private func loadMetainfo() async throws -> Metainfo {
        if let metainfo { return metainfo }
        guard let folder = services.configuration.stateFolder else {
            throw TorrentError(.metadata, "there is no folder to read the metainfo from")
        }
        let (hashes, isUnwanted) = (origin.hashes, isOpeningUnwanted)
        let loaded = try await services.pool.perform {
            try SavedMetainfo.load(hashes, in: folder) { isUnwanted.isRaised }
        }
        metainfo = loaded
        snapshot.metainfo = loaded
        return loaded
    }

    // MARK: - What the driver reports

    /// Reports are handled in their order, each after the event that it came from: the driver makes one only when the torrent's
    /// state changes, and never for a block.
    func listenToDriver() {
        driver.report = { [weak self] report in
            self?.onLoop { $0.handleReport(report) }
        }
    }

    private func handleReport(_ report: SwarmReport) {
        guard !core.isClosed else { return }
        switch report {
        case .metadata(let bytes): parsing = start { await $0.handleMetadata(bytes) }
        case .pieceLayers(let layers): handleLayers(layers)
        case .completed: handle(.completed)
        case .lost: handle(.lost(driver.core.holding))
        case .contradiction(let piece):
            handle(.failed(TorrentError(.contradiction, "v1 and v2 hashes disagree about piece \(piece)")))
        case .trouble(let trouble): handle(.trouble(trouble))
        }
    }

    /// Parses the metadata that peers have sent, saves it, and has the content opened.
    private func handleMetadata(_ bytes: [UInt8]) async {
        do {
            let isUnwanted = isOpeningUnwanted
            let info = try await services.pool.perform {
                try MetainfoParser.parseInfo(bytes, work: ParsingWork { isUnwanted.isRaised })
            }
            guard !core.isClosed else { return }
            let new = Metainfo(info: info, trackers: origin.trackers, webSeeds: origin.webSeeds)
            metainfo = new
            snapshot.metainfo = new
            logger.info("metadata of \(info.name.escapedForDisplay) is here")
            await noted(.metainfo)
            // Until now nobody could know whether the torrent is private.
            if info.isPrivate { sources.leaveAsPrivate() }
            handle(.metadata)
        } catch {
            handle(.failed(TorrentError(.metadata, "the metadata is no torrent: \(error)")))
        }
    }

    private func handleLayers(_ layers: [SHA256Digest: [SHA256Digest]]) {
        metainfo?.pieceLayers.merge(layers) { _, new in new }
        guard let metainfo else { return }
        snapshot.metainfo = metainfo
        note(.metainfo)
    }
}
