// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// What a torrent has the session's notebook keep.
enum LifecycleNote: Hashable, Sendable {
    case entry
    case metainfo
}

/// What is remembered from one life of the session to the next.
extension TorrentLifecycle {
    /// Has the catalogue say how the torrent stands now.
    func remember() {
        guard !core.isClosed else { return }
        remember { entry in
            entry.name = metainfo?.info.name ?? entry.name
            setFlag(.paused, core.isPaused, in: &entry)
            if let trackerMembership { entry.untoldCompletion = trackerMembership.untoldCompletion }
            if let content { describe(content, in: &entry) }
        }
    }

    private func describe(_ content: OpenContent, in entry: inout CatalogueEntry) {
        entry.magnet = nil
        entry.pieceCount = content.info.geometry.pieceCount
        entry.totalBytes = content.wantedBytes(in: Bitfield(count: entry.pieceCount)).total
        entry.filePriorities = content.unusualPriorities
        entry.onlyPaths = []
        setFlag(.complete, core.holding == .whole, in: &entry)
        setFlag(.public, !content.info.isPrivate, in: &entry)
        // The user has not spoken of what gets into the way of a complete torrent later.
        if core.holding > .part { setFlag(.overwritesFiles, false, in: &entry) }
    }

    /// Changes what is remembered, of what the content does not tell.
    func remember(_ change: (inout CatalogueEntry) -> Void) {
        guard canBeDormant, let host else { return }
        var entry = host.entry
        change(&entry)
        if host.setEntry(entry) { note(.entry) }
    }

    func setFlag(_ flag: CatalogueEntry.Flags, _ isSet: Bool, in entry: inout CatalogueEntry) {
        if isSet { entry.flags.insert(flag) } else { entry.flags.remove(flag) }
    }

    /// Has `note` written soon. One task writes all notes, so that the last one stays.
    func note(_ note: LifecycleNote) {
        guard canBeDormant, let notebook = services.notebook else { return }
        if !dueNotes.contains(note) { dueNotes.append(note) }
        guard noting == nil else { return }
        noting = start { life in
            while !life.dueNotes.isEmpty { await life.write(life.dueNotes.removeFirst(), to: notebook) }
            life.noting = nil
        }
    }

    /// Returns once `note` is written.
    func noted(_ note: LifecycleNote) async {
        self.note(note)
        await noting?.value
    }

    private func write(_ note: LifecycleNote, to notebook: SessionNotebook) async {
        switch note {
        case .entry: await notebook.note { [weak host] in host?.entryToNote }
        case .metainfo: if let metainfo { await notebook.save(metainfo, of: origin.hashes) }
        }
    }
}
