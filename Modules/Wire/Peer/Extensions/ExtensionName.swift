// SPDX-License-Identifier: Apache-2.0

/// The name by which an extension is known in extended handshakes (BEP 10), such as `ut_pex`.
///
/// By custom, a name begins with two letters for the client that introduced it, and an underscore. Names of more than 64
/// bytes are ignored.
public struct ExtensionName: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The name as it is sent, in UTF-8.
    public let rawValue: String

    /// Creates a name; nothing is checked.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// Creates a name from a literal.
    public init(stringLiteral value: String) { rawValue = value }

    /// The name as it is sent.
    public var description: String { rawValue }

    /// `MetadataMessage` (BEP 9).
    package static let metadata: Self = "ut_metadata"
    /// `PeerExchangeMessage` (BEP 11).
    package static let peerExchange: Self = "ut_pex"
    /// `DontHaveMessage` (BEP 54).
    package static let dontHave: Self = "lt_donthave"
    /// `UploadOnlyMessage` (BEP 21, in the form that libtorrent sends).
    package static let uploadOnly: Self = "upload_only"
    /// `HolepunchMessage` (BEP 55).
    package static let holepunch: Self = "ut_holepunch"
}
