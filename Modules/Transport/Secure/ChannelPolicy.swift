// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Which secure channels connections may use.
public struct ChannelPolicy: Sendable {
    /// The offers in order of preference. A dial tries them one after the other, each on a new connection.
    public var offers: [ChannelOffer]
    /// Whether to refuse a channel whose bytes pass unchanged.
    public var mustSeal: Bool

    /// Takes offers in order of preference.
    public init(_ offers: [ChannelOffer], mustSeal: Bool = false) {
        self.offers = offers
        self.mustSeal = mustSeal
    }
}

extension ChannelPolicy {
    /// What the first bytes of a connection reveal.
    enum Recognised {
        case undecided
        case offer(ChannelOffer)
        case none
    }

    /// Finds the kind of a connection that starts with `first`: one that answers `yes`, or one that answers `possible`
    /// if no other kind needs more bytes.
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
    /// The channels that the policy allows.
    public var channels: ChannelPolicy {
        switch self {
        case .prefer: ChannelPolicy([.mse, .plaintext])
        case .require: ChannelPolicy([.mse], mustSeal: true)
        case .off: ChannelPolicy([.plaintext])
        }
    }
}
