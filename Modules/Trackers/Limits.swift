// SPDX-License-Identifier: Apache-2.0

/// Named limits of this module.
public struct TrackersLimits: Sendable {
    /// The defaults.
    public init() {}
}
