// SPDX-License-Identifier: Apache-2.0

/// What bounds an MSE handshake.
public enum MSELimits {
    /// Bytes in each of the pads A to D, as the specification has it.
    public static let maximumPadLength = 512
    /// Bytes that an initiator may send along with its handshake (IA); the specification allows 65,535, but a
    /// BitTorrent handshake has 68.
    public static let maximumInitialPayloadLength = 16 * 1024
}
