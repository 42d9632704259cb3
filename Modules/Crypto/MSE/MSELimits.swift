// SPDX-License-Identifier: Apache-2.0

/// The limits of an MSE handshake.
package enum MSELimits {
    /// The maximum length in bytes of each of the pads A to D, as specified.
    package static let maximumPadLength = 512
    /// The maximum length in bytes of the initial payload (IA). The specification allows 65,535; a BitTorrent handshake
    /// has 68.
    package static let maximumInitialPayloadLength = 16 * 1024
}
