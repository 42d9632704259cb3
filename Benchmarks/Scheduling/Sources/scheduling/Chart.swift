// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheTesting
import RucheWire

/// A chart of completions over time as SVG: a curve for each kind of peer, and the bound.
struct Chart {
    private struct Curve {
        let name: String
        let colour: String
        /// The times in seconds at which a peer completed, ascending.
        let times: [Double]
        let count: Int
    }

    private let title: String
    private let bound: Double
    private let curves: [Curve]

    private static let size = (width: 720.0, height: 400.0)
    private static let plot = (left: 60.0, right: 700.0, top: 50.0, bottom: 340.0)

    init(_ outcome: Scenario.Outcome) {
        title = outcome.scenario.title
        bound = outcome.result.boundSeconds
        var curves = [Self.curve("those who share", "#1f6feb", outcome.result.sharers)]
        if let alone = outcome.withoutRiders {
            curves.append(Self.curve("those who share, without riders", "#8b949e", alone.sharers))
            curves.append(Self.curve("free riders", "#d1242f", outcome.result.riders))
        }
        self.curves = curves
    }

    private static func curve(_ name: String, _ colour: String, _ members: [CrowdResult.Member]) -> Curve {
        let times = members.compactMap { $0.completedAt.map { Double($0.nanoseconds) / 1e9 } }.sorted()
        return Curve(name: name, colour: colour, times: times, count: members.count)
    }

    /// The complete SVG file.
    var svg: String {
        let size = "width=\"\(Int(Self.size.width))\" height=\"\(Int(Self.size.height))\""
        let lines =
            ["<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) font-family=\"sans-serif\" font-size=\"12\">"]
            + ["<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"]
            + [text(title, x: Self.plot.left, y: 24, extra: " font-size=\"15\"")]
            + axes + boundLine + curves.indices.flatMap { draw(curves[$0], number: $0) } + ["</svg>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private var end: Double { max(bound, curves.compactMap(\.times.last).max() ?? 0) * 1.05 }

    private func x(_ seconds: Double) -> Double {
        Self.plot.left + seconds / end * (Self.plot.right - Self.plot.left)
    }

    private func y(_ share: Double) -> Double {
        Self.plot.bottom - share * (Self.plot.bottom - Self.plot.top)
    }

    private var axes: [String] {
        let shares = stride(from: 0.0, through: 1, by: 0.25).flatMap { share in
            [
                line(Self.plot.left, y(share), Self.plot.right, y(share), "#d0d7de"),
                text("\(Int(share * 100)) %", x: Self.plot.left - 8, y: y(share) + 4, extra: " text-anchor=\"end\""),
            ]
        }
        let seconds = stride(from: 0.0, through: end, by: step).map { time in
            text("\(Int(time)) s", x: x(time), y: Self.plot.bottom + 18, extra: " text-anchor=\"middle\"")
        }
        return shares + seconds
    }

    /// The interval between marks on the time axis: 1, 2 or 5 times a power of ten, for at most ten marks.
    private var step: Double {
        let power = pow(10, (log10(max(end, 1) / 10)).rounded(.down))
        return [1, 2, 5, 10].map { $0 * power }.first { end / $0 <= 10 } ?? end
    }

    private var boundLine: [String] {
        [
            line(x(bound), Self.plot.top, x(bound), Self.plot.bottom, "#1a7f37", " stroke-dasharray=\"5 4\""),
            text("fluid bound", x: x(bound) - 6, y: Self.plot.top + 12, extra: " fill=\"#1a7f37\" text-anchor=\"end\""),
        ]
    }

    private func draw(_ curve: Curve, number: Int) -> [String] {
        var points = [point(0, 0)]
        for (index, time) in curve.times.enumerated() {
            points.append(point(time, Double(index) / Double(curve.count)))
            points.append(point(time, Double(index + 1) / Double(curve.count)))
        }
        let legend = Self.plot.left + Double(number) * 220
        return [
            "<polyline fill=\"none\" stroke=\"\(curve.colour)\" stroke-width=\"2\" points=\"\(points.joined(separator: " "))\"/>",
            line(legend, 378, legend + 20, 378, curve.colour, " stroke-width=\"2\""),
            text(curve.name, x: legend + 26, y: 382),
        ]
    }

    private func point(_ seconds: Double, _ share: Double) -> String { "\(short(x(seconds))),\(short(y(share)))" }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, _ extra: String = "")
        -> String
    {
        "<line x1=\"\(short(x1))\" y1=\"\(short(y1))\" x2=\"\(short(x2))\" y2=\"\(short(y2))\" stroke=\"\(colour)\"\(extra)/>"
    }

    private func text(_ text: String, x: Double, y: Double, extra: String = "") -> String {
        "<text x=\"\(short(x))\" y=\"\(short(y))\"\(extra)>\(text)</text>"
    }

    private func short(_ value: Double) -> String { String(format: "%.1f", value) }
}
