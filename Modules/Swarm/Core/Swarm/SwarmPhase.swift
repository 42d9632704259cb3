// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What a swarm knows about its torrent.
///
///     metadata ── metadataComplete ──▶ opening ── handleContent ──▶ content
///        └──── handleContent, without help from peers ────────────▲
enum SwarmPhase {
    /// The info dictionary is requested from peers (BEP 9).
    case metadata(MetadataPhase)
    /// The info dictionary is known, and the driver opens the content.
    case opening(infoBytes: [UInt8])
    /// Pieces are downloaded and uploaded.
    case content(SwarmContent)

    var metadata: MetadataPhase? { if case .metadata(let metadata) = self { metadata } else { nil } }

    var content: SwarmContent? { if case .content(let content) = self { content } else { nil } }

    /// The info dictionary; empty while it is unknown.
    var infoBytes: [UInt8] {
        switch self {
        case .metadata: []
        case .opening(let bytes): bytes
        case .content(let content): content.torrent?.info.bytes ?? []
        }
    }
}
