// SPDX-License-Identifier: Apache-2.0

internal import ServiceLifecycle

/// Returns once the service group around it shuts down, or its task is cancelled: what a service that only has to be there
/// waits for.
package func waitForServiceEnd() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    await withTaskCancellationOrGracefulShutdownHandler {
        for await _ in stream {}
    } onCancelOrGracefulShutdown: {
        continuation.finish()
    }
}
