// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Handling the devices' responses.
extension UPnPMapper {
    /// Handles the end of the running exchange; nil if there was no complete response.
    package mutating func handleAnswer(_ answer: RouterAnswer?, at now: Instant, into effects: inout [Effect]) {
        guard let question else { return }
        self.question = nil
        switch question {
        case .describe(let url): handleDescription(answer, of: url)
        case .address(let service): handleAddress(answer, of: service, at: now, into: &effects)
        case .add(let index): handleAddition(answer, of: index, at: now, into: &effects)
        case .delete(let index): entries[index].state = .done
        }
        ask(at: now, into: &effects)
    }

    private mutating func handleDescription(_ answer: RouterAnswer?, of url: DeviceURL) {
        guard let answer, answer.status == 200 else {
            lastError = PortMappingError(.unanswered, "no description at \(url.endpoint)")
            return
        }
        do throws(PortMappingError) {
            services = Array(
                try MappingService.services(in: answer.body, at: url, limits: limits).prefix(limits.devices)
            )
        } catch {
            lastError = error
        }
    }

    private mutating func handleAddress(
        _ answer: RouterAnswer?,
        of service: MappingService,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        let action = "GetExternalIPAddress"
        let text = (try? answer?.results(of: action, limits: limits))?["NewExternalIPAddress"]
        guard let address = text.flatMap({ IPAddress($0) }), address.isIPv4, !address.isUnspecified else {
            let error = PortMappingError(.unsupported, "\(service.control.endpoint) has no external address")
            guard phase == .searching else { return loseAll(error, into: &effects) }
            lastError = error
            return
        }
        external = (address, now + renewalTime)
        guard phase == .searching else { return }
        phase = .mapping(service)
        devices = []
        services = []
    }

    private mutating func handleAddition(
        _ answer: RouterAnswer?,
        of index: Int,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        // Closing has started meanwhile, so the mapping is deleted whether it was added or not.
        guard case .mapping = phase else { return }
        guard let answer else {
            return loseAll(PortMappingError(.unanswered, "no answer to AddPortMapping"), into: &effects)
        }
        do throws(RouterAnswer.Fault) {
            _ = try answer.results(of: "AddPortMapping", limits: limits)
            grant(index, at: now, into: &effects)
        } catch {
            handleFault(error, of: index, into: &effects)
        }
    }

    private mutating func grant(_ index: Int, at now: Instant, into effects: inout [Effect]) {
        guard let external else { return }
        entries[index].state = .mapped(renewal: now + renewalTime)
        let entry = entries[index]
        let mapping = PortMapping(
            entry.wish.transport,
            internalPort: entry.wish.port,
            external: PeerEndpoint(address: external.address, port: entry.externalPort),
            method: .upnp,
            lifetimeSeconds: isPermanent ? nil : limits.lifetimeSeconds
        )
        effects.append(.report(.granted(mapping)))
    }

    private mutating func handleFault(_ fault: RouterAnswer.Fault, of index: Int, into effects: inout [Effect]) {
        switch fault {
        case .onlyPermanentLeases where !isPermanent:
            isPermanent = true
            return
        case .conflict, .actionFailed:
            entries[index].takenCount += 1
            guard entries[index].takenCount < limits.portsTried else { break }
            entries[index].externalPort = .random(in: 10_000...60_000, using: &dice)
            return
        default: break
        }
        if case .mapped = entries[index].state { effects.append(.report(.lost(entries[index].wish))) }
        entries[index].state = .refused
        effects.append(.report(.refused(entries[index].wish, fault.error)))
    }

    /// Drops all mappings, because the device no longer answers properly.
    private mutating func loseAll(_ error: PortMappingError, into effects: inout [Effect]) {
        // While closing, only deletions count.
        guard case .mapping = phase else { return }
        for entry in entries {
            if case .mapped = entry.state { effects.append(.report(.lost(entry.wish))) }
        }
        giveUp(error, into: &effects)
    }

    /// A permanent mapping is requested again as well, because the device may have restarted.
    private var renewalTime: Interval {
        let half = Interval.seconds(limits.lifetimeSeconds) / 2
        return min(max(half, limits.renewalPause), limits.longestRenewal)
    }
}
