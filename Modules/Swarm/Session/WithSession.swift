// SPDX-License-Identifier: Apache-2.0

/// Opens a session, runs `body` with it, and shuts it down however `body` ends: when this returns, trackers have been
/// notified, and downloaded data is safe on the disk.
///
///     try await withSession(SessionConfiguration(downloads: "Downloads")) { session in
///         try await session.add(magnet: link).finished()
///     }
///
/// - Throws: What `Session.init` and `body` throw.
public func withSession<Result: Sendable>(
    _ configuration: SessionConfiguration,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Session) async throws -> Result
) async throws -> Result {
    let session = try await Session(configuration)
    do {
        let result = try await body(session)
        await session.shutdown()
        return result
    } catch {
        await session.shutdown()
        throw error
    }
}
