// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Which secure channels connections may use.
public struct ChannelPolicy: Sendable {
    /// In order of preference: a dial tries one after the other, each on a connection of its own.
    public var offers: [ChannelOffer]
    /// Whether a connection whose bytes pass unchanged is refused.
    public var mustSeal: Bool

    /// Those offers, in order of preference.
    public init(_ offers: [ChannelOffer], mustSeal: Bool = false) {
        self.offers = offers
        self.mustSeal = mustSeal
    }
}

extension ChannelPolicy {
    /// What the first bytes of a connection show.
    enum Recognised {
        case undecided
        case offer(ChannelOffer)
        case none
    }

    /// Finds the kind of a connection that begins with `first`: one that says yes, else one that may be if no other kind
    /// waits for more.
    func recognise(_ first: ByteBuffer) -> Recognised {
        var possible: ChannelOffer?
        var needsMore = false
        for offer in offers {
            switch offer.recognise(first) {
            case .yes: return .offer(offer)
            case .needsMore: needsMore = true
            case .possible: possible = possible ?? offer
            case .no: break
            }
        }
        if needsMore { return .undecided }
        return possible.map(Recognised.offer) ?? .none
    }
}

extension EncryptionPolicy {
    /// The channels that it means.
    public var channels: ChannelPolicy {
        switch self {
        case .prefer: ChannelPolicy([.mse, .plaintext])
        case .require: ChannelPolicy([.mse], mustSeal: true)
        case .off: ChannelPolicy([.plaintext])
        }
    }
}
