// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// One address of this machine on a network that supports multicast.
struct LocalInterface: Hashable, Sendable {
    let device: NIONetworkDevice
    let network: LocalNetwork

    /// Returns every such address, except loopback and link-local IPv6, because a peer's endpoint has no scope. Queries
    /// the system: call it on a thread that may block.
    static func all(_ binding: LocalBinding) -> [LocalInterface] {
        ((try? System.enumerateDevices()) ?? []).compactMap { device in
            guard device.multicastSupported, let address = device.address.flatMap(PeerEndpoint.init)?.address,
                !address.isLoopback, address.isIPv4 || address.high >> 54 != 0xfe80 >> 6,
                binding.interface == nil || binding.interface == device.name,
                binding.addresses.isEmpty || binding.addresses.contains(address),
                let mask = device.netmask.flatMap(PeerEndpoint.init)?.address
            else { return nil }
            let ones = mask.high.nonzeroBitCount + mask.low.nonzeroBitCount
            return LocalInterface(device: device, network: LocalNetwork(address: address, prefixLength: ones))
        }
    }

    /// Returns those that need a socket: every IPv4 address, because it is the source address of the socket, but one
    /// IPv6 address per device, because the system chooses the source address there.
    static func speaking(_ all: [LocalInterface]) -> [LocalInterface] {
        var devices: Set<String> = []
        return all.filter { $0.network.address.isIPv4 || devices.insert($0.device.name).inserted }
    }
}

/// A socket that receives and sends local discovery on one interface.
///
/// Owner: `LocalDiscovery`; lives on its loop.
struct MulticastSocket: Sendable {
    let interface: LocalInterface
    let group: PeerEndpoint
    private let channel: any Channel

    /// Binds to the group's address, so the system drops unicast from anywhere. Other programs can share the port.
    static func open(
        _ interface: LocalInterface,
        on loop: any EventLoop,
        _ handleDatagram: @escaping @Sendable (ByteBuffer, PeerEndpoint) -> Void
    ) async throws(TransportError) -> MulticastSocket {
        let isIPv4 = interface.network.address.isIPv4
        let group = LocalAnnouncement.groups[isIPv4 ? 0 : 1]
        let action = "join \(group) on \(interface.device.name)"
        do {
            var bootstrap = DatagramBootstrap(group: loop)
                .channelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DatagramHandler(handleDatagram))
                    }
                }
            #if canImport(Darwin)
            // Here several programs can only share a port if all of them set this option.
            bootstrap = bootstrap.channelOption(
                ChannelOptions.Types.SocketOption(level: .socket, name: .init(rawValue: SO_REUSEPORT)),
                value: 1
            )
            #endif
            if !isIPv4 {
                bootstrap = bootstrap.channelOption(
                    ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only),
                    value: 1
                )
            }
            let channel = try await bootstrap.bind(to: SocketAddress(group)).get()
            do {
                try await join(channel, group, interface)
                return MulticastSocket(interface: interface, group: group, channel: channel)
            } catch {
                try? await channel.close()
                throw error
            }
        } catch {
            throw TransportError(error, action)
        }
    }

    func send(_ announcement: LocalAnnouncement) {
        let datagram = announcement.makeDatagram(to: group)
        channel.writeAndFlush(AddressedEnvelope(remoteAddress: SocketAddress(group), data: datagram), promise: nil)
    }

    func close() async { try? await channel.close() }

    /// Restricts the socket to this interface. Other programs on this machine receive it as well, but nothing beyond
    /// the network.
    private static func join(_ channel: any Channel, _ group: PeerEndpoint, _ interface: LocalInterface) async throws {
        guard let multicast = channel as? any MulticastChannel, let options = channel as? any SocketOptionProvider
        else {
            throw TransportError(.system, "no multicast on this channel")
        }
        try await multicast.joinGroup(SocketAddress(group), device: interface.device).get()
        if interface.network.address.isIPv4 {
            var address = in_addr()
            address.s_addr = UInt32(truncatingIfNeeded: interface.network.address.low).bigEndian
            try await options.setIPMulticastIF(address).get()
            try await options.setIPMulticastLoop(1).get()
        } else {
            try await options.setIPv6MulticastIF(CUnsignedInt(clamping: interface.device.interfaceIndex)).get()
            try await options.setIPv6MulticastLoop(1).get()
        }
    }
}
