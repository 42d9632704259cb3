// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Keeps names unresolved, because a proxy resolves them: each name gets a stand-in address in 240.0.0.0/4, where there
/// are no hosts (RFC 1112 section 4), and a dial of that address becomes a request for the name.
///
/// So what dials addresses works with a proxy unchanged, and nothing asks a name server.
package final class ProxyNames: HostResolver {
    /// The process's names.
    package static let shared = ProxyNames(limit: 4_096)

    private static let firstNumber: UInt32 = 0xf000_0001
    private static let count: UInt32 = 0x0fff_fff0

    private struct State {
        var numbers: [String: UInt32] = [:]
        var names: [UInt32: String] = [:]
        var last: UInt32 = 0
    }

    private let limit: Int
    private let state = Locked(State())

    /// At `limit` names, the oldest is forgotten for a new one.
    package init(limit: Int) { self.limit = max(1, limit) }

    /// Returns the stand-in for `name`; an address stands for itself. Empty if no proxy can be asked for the name.
    ///
    /// - Throws: Nothing.
    package func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        if let address = IPAddress(name) { return address.isReserved ? [] : [address] }
        let isFit = (1...255).contains(name.utf8.count) && name.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard isFit else { return [] }
        return [IPAddress(v4: number(of: name.lowercased()))]
    }

    /// Returns the name that an address stands for.
    package func name(for address: IPAddress) -> String? {
        guard address.isIPv4 else { return nil }
        return state.withLock { $0.names[UInt32(truncatingIfNeeded: address.low)] }
    }

    private func number(of name: String) -> UInt32 {
        state.withLock { state in
            if let number = state.numbers[name] { return number }
            let number = Self.firstNumber + state.last % Self.count
            state.last &+= 1
            if state.numbers.count >= limit {
                let oldest = Self.firstNumber + (state.last &- 1 &- UInt32(limit)) % Self.count
                if let old = state.names.removeValue(forKey: oldest) { state.numbers[old] = nil }
            }
            state.numbers[name] = number
            state.names[number] = name
            return number
        }
    }
}
