// SPDX-License-Identifier: Apache-2.0

/// The limits of an MSE handshake.
public enum MSELimits {
    /// The maximum length in bytes of each of the pads A to D, as specified.
    public static let maximumPadLength = 512
    /// The maximum length in bytes of the initial payload (IA). The specification allows 65,535; a BitTorrent handshake
    /// has 68.
    public static let maximumInitialPayloadLength = 16 * 1024
}
