// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

/// Rate limits: reading stops while the download budget is used up; the kernel's window does the rest.
extension SwarmDriver {
    func handleReceived(_ byteCount: Int) { environment.rates.noteDownload(byteCount, at: .now) }

    func mayRead(_ handler: PeerChannelHandler) -> Bool { environment.rates.mayDownload(at: .now) }
}
