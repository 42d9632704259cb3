// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage

/// Open content: what the driver reports of it, and what is done with it.
extension LifecycleCore {
    /// The last wanted piece is stored. The torrent is complete once its files have their names.
    mutating func handleCompleted() {
        guard case .open(var open) = phase, open.failure == nil else { return }
        open.line.append(.completion)
        phase = .open(open)
    }

    mutating func handleLost(_ holding: ContentHolding, into actions: inout [LifecycleAction]) {
        guard case .open(var open) = phase else { return }
        open.holding = min(open.holding, holding)
        phase = .open(open)
        actions.append(.remember)
    }

    mutating func handleTrouble(_ trouble: DiskTrouble?, into actions: inout [LifecycleAction]) {
        guard case .open(var open) = phase else { return }
        if let trouble, trouble.isFinal { return fail(TorrentError(trouble.error), into: &actions) }
        if let trouble, trouble.error != open.trouble?.error {
            actions.append(.log(.trouble(TorrentError(trouble.error))))
        } else if trouble == nil, open.trouble != nil {
            actions.append(.log(.recovered))
        }
        open.trouble = trouble
        phase = .open(open)
    }

    /// The torrent fails until the user resumes it. An opening that is under way fails by itself.
    mutating func fail(_ error: TorrentError, into actions: inout [LifecycleAction]) {
        switch phase {
        case .fetchingMetadata(let fetching):
            guard fetching.failure == nil else { return }
            phase = .fetchingMetadata(.init(failure: error))
        case .open(var open):
            guard open.failure == nil else { return }
            open.failure = error
            phase = .open(open)
        case .added, .unopened, .opening, .closed: return
        }
        actions += [.log(.failure(error)), .failReaders(error)]
    }

    // MARK: - Work

    mutating func handleAsked(_ work: LifecycleWork, into actions: inout [LifecycleAction]) {
        switch phase {
        case .open(var open):
            open.line.append(work)
            phase = .open(open)
        // The opening's own check may have passed what has changed since.
        case .opening(var opening) where work.isCheck:
            opening.line.append(work)
            phase = .opening(opening)
        case .added, .fetchingMetadata, .unopened, .opening, .closed: actions.append(.refuse(work, notOpen))
        }
    }

    mutating func handleWithdrawn(_ work: LifecycleWork, into actions: inout [LifecycleAction]) {
        switch phase {
        case .open(var open):
            if open.line.remove(work) {
                actions.append(.refuse(work, nil))
            } else if open.line.running == work {
                actions.append(.cancel(work))
            }
            phase = .open(open)
        case .opening(var opening):
            if opening.line.remove(work) { actions.append(.refuse(work, nil)) }
            phase = .opening(opening)
        case .added, .fetchingMetadata, .unopened, .closed: break
        }
    }

    mutating func handleEnded(_ work: LifecycleWork, _ found: ContentHolding?, into actions: inout [LifecycleAction]) {
        guard case .open(var open) = phase, open.line.end(work) else { return }
        let old = open.holding
        open.holding = found ?? old
        phase = .open(open)
        guard found != nil else { return }
        if work == .completion, old == .part, open.holding > .part {
            actions.append(.log(.complete))
            if open.holding == .whole { actions.append(.noteWhole) }
        }
        actions.append(.remember)
    }
}
