// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto
package import RucheWire

/// Asks a UPnP Internet Gateway Device for mappings.
///
///     searching ──▶ mapping ──▶ closing ──▶ over
///        └──────────────────────────────────▶
///
/// Devices that answer a search are queried one after the other, the default gateway first, until one has a service
/// that maps ports and an external address. One exchange is under way at a time.
///
/// Owner: `PortMapperCore`.
package struct UPnPMapper: Sendable {
    package enum Effect: Equatable, Sendable {
        /// Send over UDP, from our own address.
        case search(ByteBuffer, to: PeerEndpoint)
        /// Send over HTTP. The response goes to `handleAnswer`, also if it failed.
        case ask(RouterRequest)
        case report(MappingReport)
    }

    enum Phase: Hashable, Sendable {
        case searching
        case mapping(MappingService)
        case closing(MappingService)
        case over
    }

    /// The running question.
    enum Question: Hashable, Sendable {
        case describe(DeviceURL)
        case address(MappingService)
        /// The index of an entry.
        case add(Int)
        case delete(Int)
    }

    let gateway: IPAddress
    let client: IPAddress
    let limits: PortMappingLimits
    var entries: [UPnPEntry]
    var phase = Phase.searching
    var question: Question?
    /// Devices whose descriptions have not been read yet; `seen` holds all that ever answered.
    var devices: [DeviceURL] = []
    var seen: Set<DeviceURL> = []
    /// Services of the current device that have not been asked yet.
    var services: [MappingService] = []
    var external: (address: IPAddress, until: Instant)?
    /// Whether the device grants only permanent mappings.
    var isPermanent = false
    /// Why the last device could not be used.
    var lastError: PortMappingError?
    /// For delays and ports, which need not be secret.
    var dice: SeededRandom

    private var searchCount = 0
    private var nextSearch = Instant(nanoseconds: .min)

    package init(
        gateway: IPAddress,
        client: IPAddress,
        wishes: [MappingWish],
        limits: PortMappingLimits,
        using random: inout some RandomNumberGenerator
    ) {
        self.gateway = gateway
        self.client = client
        self.limits = limits
        entries = wishes.map { UPnPEntry(wish: $0) }
        dice = SeededRandom(seed: random.next())
    }

    /// Whether everything to be done is done.
    package var isOver: Bool { phase == .over }

    /// When `handleTime` must be called next; nil for never.
    package var nextDeadline: Instant? {
        switch phase {
        case .searching: nextSearch
        case .mapping: question == nil ? entries.compactMap(\.due).min() : nil
        case .closing, .over: nil
        }
    }

    /// Handles what is due at `now`. Call it also right after creation.
    package mutating func handleTime(_ now: Instant, into effects: inout [Effect]) {
        if phase == .searching, nextSearch <= now { search(at: now, into: &effects) }
        ask(at: now, into: &effects)
    }

    /// Handles a datagram from the search socket.
    package mutating func handleSearchAnswer(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard phase == .searching, seen.count < limits.devices,
            let url = DeviceSearch.location(in: datagram, from: sender, byteLimit: limits.searchAnswerBytes),
            seen.insert(url).inserted
        else { return }
        if url.endpoint.address == gateway { devices.insert(url, at: 0) } else { devices.append(url) }
        ask(at: now, into: &effects)
    }

    /// Removes every mapping.
    package mutating func handleClose(at now: Instant, into effects: inout [Effect]) {
        switch phase {
        case .searching: phase = .over
        case .mapping(let service):
            phase = .closing(service)
            let added: Int? = if case .add(let index) = question { index } else { nil }
            // A mapping that is being requested is deleted after the response.
            for index in entries.indices { entries[index].handleClose(isAsked: index == added) }
            if added == nil { question = nil }
            ask(at: now, into: &effects)
        case .closing, .over: break
        }
    }
}

// MARK: - Asking

extension UPnPMapper {
    private mutating func search(at now: Instant, into effects: inout [Effect]) {
        nextSearch = now + limits.searchPause
        guard searchCount < limits.searches else {
            // The running exchange may still find a router.
            guard question == nil, devices.isEmpty, services.isEmpty else { return }
            let silence = PortMappingError(.unanswered, "no UPnP device answers")
            return giveUp(lastError ?? silence, into: &effects)
        }
        searchCount += 1
        for target in DeviceSearch.targets {
            effects.append(.search(DeviceSearch.makeDatagram(target), to: DeviceSearch.group))
        }
        // Some networks drop multicast; the router may also answer unicast (UPnP Device Architecture 1.1, section
        // 1.3.2).
        let direct = PeerEndpoint(address: gateway, port: DeviceSearch.group.port)
        let target = DeviceSearch.targets[0]
        effects.append(.search(DeviceSearch.makeDatagram(target, host: direct), to: direct))
    }

    mutating func giveUp(_ error: PortMappingError, into effects: inout [Effect]) {
        phase = .over
        question = nil
        effects.append(.report(.unavailable(error)))
    }

    mutating func ask(at now: Instant, into effects: inout [Effect]) {
        guard question == nil else { return }
        switch phase {
        case .searching:
            if let service = services.first {
                services.removeFirst()
                ask(.address(service), RouterRequest("GetExternalIPAddress", of: service), into: &effects)
            } else if let device = devices.first {
                devices.removeFirst()
                ask(.describe(device), RouterRequest(describing: device), into: &effects)
            }
        case .mapping(let service):
            guard let index = entries.indices.first(where: { entries[$0].isDue(at: now) }) else { return }
            guard let external, now < external.until else {
                return ask(.address(service), RouterRequest("GetExternalIPAddress", of: service), into: &effects)
            }
            ask(.add(index), addition(entries[index], to: service), into: &effects)
        case .closing(let service):
            guard let index = entries.indices.first(where: { entries[$0].state == .leaving }) else {
                return phase = .over
            }
            let request = RouterRequest("DeletePortMapping", of: service, entries[index].key)
            ask(.delete(index), request, into: &effects)
        case .over: break
        }
    }

    private mutating func ask(_ question: Question, _ request: RouterRequest, into effects: inout [Effect]) {
        self.question = question
        effects.append(.ask(request))
    }

    private func addition(_ entry: UPnPEntry, to service: MappingService) -> RouterRequest {
        let arguments =
            entry.key + [
                ("NewInternalPort", "\(entry.wish.port)"), ("NewInternalClient", "\(client)"), ("NewEnabled", "1"),
                ("NewPortMappingDescription", "Ruche"),
                ("NewLeaseDuration", isPermanent ? "0" : "\(limits.lifetimeSeconds)"),
            ]
        return RouterRequest("AddPortMapping", of: service, arguments)
    }
}
