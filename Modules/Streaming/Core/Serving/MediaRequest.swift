// SPDX-License-Identifier: Apache-2.0

/// What matters of a player's HTTP request. A header that is sent several times has several values.
package struct MediaRequest: Hashable, Sendable {
    package var method: String
    /// The request target as sent. Only paths name files.
    package var target: String
    package var host: [String]
    package var range: [String] = []
    package var ifRange: [String] = []
    /// The request announces a body.
    package var hasBody = false

    package init(_ method: String, _ target: String, host: [String]) {
        self.method = method
        self.target = target
        self.host = host
    }
}
