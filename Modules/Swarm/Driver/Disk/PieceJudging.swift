// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

/// What pieces are judged by, and the piece layers that it knows. The content chooses it. Owner: `TorrentDisk`.
struct PieceJudging: Sendable {
    /// Makes a verifier from the piece layers that are known.
    typealias Maker = @Sendable (PieceLayers) -> any PieceVerifier

    private(set) var verifier: any PieceVerifier
    private var layers: PieceLayers
    private let makeVerifier: Maker
    /// Layers that came from peers, and that `verifier` does not know yet.
    private var news: [[SHA256Digest: [SHA256Digest]]] = []

    /// Makes the first verifier, which takes as long as the torrent has files.
    init(layers: [SHA256Digest: [SHA256Digest]], makeVerifier: @escaping Maker) {
        self.layers = PieceLayers(layers)
        self.makeVerifier = makeVerifier
        verifier = makeVerifier(self.layers)
    }

    /// The verifier that the torrent's hashes make, or the user's own.
    init(_ metainfo: Metainfo, _ options: AddOptions = AddOptions()) {
        let info = metainfo.info
        self.init(layers: metainfo.pieceLayers) { layers in
            options.makeVerifier.map { $0(info, layers) } ?? info.makeVerifier(layers: layers)
        }
    }

    /// Content that is no torrent: it makes each verifier itself.
    init(_ verifier: any PieceVerifier) { self.init(layers: [:]) { _ in verifier } }

    /// Handles that the content has made another verifier.
    mutating func handleVerifier(_ new: any PieceVerifier) { verifier = new }

    /// Handles complete layers that have come from peers. Cheap: the next `update` does the work.
    mutating func handleLayers(_ complete: [SHA256Digest: [SHA256Digest]]) { news.append(complete) }

    /// Makes the verifier anew if layers have come. Takes as long as the torrent has files.
    mutating func update() {
        guard !news.isEmpty else { return }
        for complete in news { layers.merge(complete) }
        news = []
        verifier = makeVerifier(layers)
    }
}
