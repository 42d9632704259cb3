// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Handling the methods' reports.
extension PortMapperCore {
    mutating func handle(
        _ report: MappingReport,
        from source: Source,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        // The methods remove their mappings themselves; the caller need not know.
        guard phase == .trying || phase == .mapped, winner == nil || winner == source else { return }
        switch report {
        case .granted(let mapping): grant(mapping, from: source, at: now, into: &effects)
        case .lost(let wish):
            guard let mapping = mappings.removeValue(forKey: wish) else { return }
            effects.append(.event(.lost(mapping)))
            guard mappings.isEmpty else { return }
            rest(until: now + limits.renewalPause)
        case .refused(_, let error):
            refusals.append((source, error))
            if winner == source { effects.append(.event(.failed(error))) }
            settle(at: now, into: &effects)
        case .unavailable(let error):
            refusals.append((source, error))
            settle(at: now, into: &effects)
        }
    }

    private mutating func grant(
        _ mapping: PortMapping,
        from source: Source,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        if winner == nil { win(source, at: now, into: &effects) }
        let wish = MappingWish(mapping.transport, port: mapping.internalPort)
        let old = mappings.updateValue(mapping, forKey: wish)
        effects.append(.event(old?.external == mapping.external ? .renewed(mapping) : .mapped(mapping)))
    }

    private mutating func win(_ source: Source, at now: Instant, into effects: inout [Effect]) {
        winner = source
        phase = .mapped
        retries = 0
        upnpStart = nil
        for refusal in refusals where refusal.source == source { effects.append(.event(.failed(refusal.error))) }
        switch source {
        case .direct: runUPnP(at: now, into: &effects) { $0.handleClose(at: now, into: &$1) }
        case .upnp: runDirect(at: now, into: &effects) { $0.handleClose(at: now, into: &$1) }
        }
    }

    /// Advances the next method if one has failed, and pauses if all have.
    private mutating func settle(at now: Instant, into effects: inout [Effect]) {
        guard phase == .trying, direct?.isHopeless ?? true else { return }
        if upnpStart != nil { return upnpStart = now }
        guard upnp?.isHopeless ?? true else { return }
        // What the router itself reports is more useful than another protocol going unanswered.
        let error = refusals.first { $0.error.code != .unanswered } ?? refusals.first
        effects.append(
            .event(.failed(error?.error ?? PortMappingError(.unanswered, "no router answers")))
        )
        rest(until: now + min(limits.retry * (1 << Int64(min(retries, 16))), limits.longestRetry))
        retries += 1
    }

    private mutating func rest(until next: Instant) {
        stop()
        nextTry = next
    }

    mutating func loseAll(into effects: inout [Effect]) {
        for wish in wishes {
            if let mapping = mappings.removeValue(forKey: wish) { effects.append(.event(.lost(mapping))) }
        }
    }
}

extension GatewayMapper {
    /// Whether nothing more can come of the method.
    var isHopeless: Bool { isOver || entries.allSatisfy { $0.state == .refused } }
}

extension UPnPMapper {
    /// Whether nothing more can come of the method.
    var isHopeless: Bool { isOver || entries.allSatisfy { $0.state == .refused } }
}
