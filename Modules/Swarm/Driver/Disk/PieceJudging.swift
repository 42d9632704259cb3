// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

/// The verifier of pieces, and the piece layers that it knows. The content chooses it. Owner: `TorrentDisk`.
struct PieceJudging: Sendable {
    /// Creates a verifier from the known piece layers.
    typealias Maker = @Sendable (PieceLayers) -> any PieceVerifier

    private(set) var verifier: any PieceVerifier
    private var layers: PieceLayers
    private let makeVerifier: Maker
    /// Layers that came from peers, and that `verifier` does not know yet.
    private var news: [[SHA256Digest: [SHA256Digest]]] = []

    /// Creates the first verifier, in time proportional to the number of files.
    init(layers: [SHA256Digest: [SHA256Digest]], makeVerifier: @escaping Maker) {
        self.layers = PieceLayers(layers)
        self.makeVerifier = makeVerifier
        verifier = makeVerifier(self.layers)
    }

    /// Uses the verifier for the torrent's hashes, or the user's own.
    init(_ metainfo: Metainfo, _ options: AddOptions = AddOptions()) {
        let info = metainfo.info
        self.init(layers: metainfo.pieceLayers) { layers in
            options.makeVerifier.map { $0(info, layers) } ?? info.makeVerifier(layers: layers)
        }
    }

    /// Uses `verifier` for content that is not a torrent, and creates each verifier itself.
    init(_ verifier: any PieceVerifier) { self.init(layers: [:]) { _ in verifier } }

    /// Handles a new verifier of the content.
    mutating func handleVerifier(_ new: any PieceVerifier) { verifier = new }

    /// Handles complete layers that have come from peers. Cheap: the next `update` does the work.
    mutating func handleLayers(_ complete: [SHA256Digest: [SHA256Digest]]) { news.append(complete) }

    /// Creates the verifier anew if layers have arrived, in time proportional to the number of files.
    mutating func update() {
        guard !news.isEmpty else { return }
        for complete in news { layers.merge(complete) }
        news = []
        verifier = makeVerifier(layers)
    }
}
