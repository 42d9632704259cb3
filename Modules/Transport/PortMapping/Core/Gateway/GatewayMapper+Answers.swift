// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Handling the gateway's responses.
extension GatewayMapper {
    mutating func handlePCP(
        _ response: PCPResponse,
        to question: GatewayQuestion,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard case .entry(let index) = question.subject else { return }
        guard case .map(let answer) = response else {
            // Only a gateway that has never answered PCP may declare that it does not support it.
            if !isKnown, phase == .asking { fallBack(into: &effects) }
            return
        }
        let entry = entries[index]
        guard answer.nonce == entry.nonce, answer.protocolNumber == entry.wish.transport.protocolNumber,
            answer.internalPort == entry.wish.port
        else { return }
        accept(answer.epoch, at: now)
        guard answer.result == .success else {
            return refuse(index, answer.result.error, into: &effects)
        }
        grant(index, answer.external, lifetimeSeconds: Int(answer.lifetimeSeconds), at: now, into: &effects)
    }

    mutating func handleNATPMP(
        _ response: NATPMPResponse,
        to question: GatewayQuestion,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        switch (response.body, question.subject) {
        case (.externalAddress(let address), .externalAddress):
            accept(response.epoch, at: now)
            self.question = nil
            // A gateway without an external address does not lead to the Internet.
            guard !address.isUnspecified else {
                return giveUp(PortMappingError(.unsupported, "the gateway has no external address"), into: &effects)
            }
            externalAddress = address
        case (.mapped(let transport, let inner, let outer, let lifetime), .entry(let index)):
            let wish = entries[index].wish
            guard transport == wish.transport, inner == wish.port else { return }
            accept(response.epoch, at: now)
            guard phase == .closing || externalAddress != nil else { return self.question = nil }
            let external = PeerEndpoint(address: externalAddress ?? IPAddress(v4: 0), port: outer)
            grant(index, external, lifetimeSeconds: Int(lifetime), at: now, into: &effects)
        case (.refused(let operation, let error), _):
            refuse(operation, error, of: question, at: response.epoch, now, into: &effects)
        default: break
        }
    }

    private mutating func refuse(
        _ operation: UInt8,
        _ error: PortMappingError,
        of question: GatewayQuestion,
        at epoch: UInt32,
        _ now: Instant,
        into effects: inout [Effect]
    ) {
        switch question.subject {
        case .externalAddress where operation == 0:
            accept(epoch, at: now)
            giveUp(error, into: &effects)
        case .entry(let index) where operation == (entries[index].wish.transport == .udp ? 1 : 2):
            accept(epoch, at: now)
            refuse(index, error, into: &effects)
        default: break
        }
    }

    /// Records a response to our question.
    private mutating func accept(_ epoch: UInt32, at now: Instant) {
        isKnown = true
        guard !self.epoch.handleEpoch(epoch, at: now), phase == .asking else { return }
        externalAddress = nil
        for index in entries.indices { entries[index].handleReboot(at: now) }
    }

    private mutating func grant(
        _ index: Int,
        _ external: PeerEndpoint,
        lifetimeSeconds: Int,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        question = nil
        guard phase == .asking else {
            entries[index].state = .done
            return
        }
        guard external.port > 0, !external.address.isMulticast, !external.address.isUnspecified else {
            return refuse(index, PortMappingError(.malformed, "mapped to \(external)"), into: &effects)
        }
        entries[index].handleGrant(external, lifetimeSeconds: lifetimeSeconds, at: now, limits)
        let wish = entries[index].wish
        let mapping = PortMapping(
            wish.transport,
            internalPort: wish.port,
            external: external,
            method: dialect,
            lifetimeSeconds: lifetimeSeconds
        )
        effects.append(.report(.granted(mapping)))
    }

    private mutating func refuse(_ index: Int, _ error: PortMappingError, into effects: inout [Effect]) {
        question = nil
        guard phase == .asking else {
            entries[index].state = .done
            return
        }
        let wish = entries[index].wish
        if case .mapped = entries[index].state { effects.append(.report(.lost(wish))) }
        entries[index].state = .refused
        effects.append(.report(.refused(wish, error)))
    }
}
