// SPDX-License-Identifier: Apache-2.0

/// The names that identify extensions in an extended handshake (BEP 10).
public enum ExtensionName {
    /// `MetadataMessage` (BEP 9).
    public static let metadata = "ut_metadata"
    /// `PeerExchangeMessage` (BEP 11).
    public static let peerExchange = "ut_pex"
    /// `DontHaveMessage` (BEP 54).
    public static let dontHave = "lt_donthave"
    /// `UploadOnlyMessage` (BEP 21, in the form that libtorrent sends).
    public static let uploadOnly = "upload_only"
    /// `HolepunchMessage` (BEP 55).
    public static let holepunch = "ut_holepunch"
}
