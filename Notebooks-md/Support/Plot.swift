// A small plot as SVG for the cells of the notebooks: points, lines and histograms in panels side by side.

import Foundation

struct Plot {
    struct Panel {
        var title: String
        var marks: [(x: [Double], y: [Double], colour: String, isLine: Bool)] = []
        /// Nil to take them from the data.
        var xRange: ClosedRange<Double>?
        var yRange: ClosedRange<Double>?

        init(_ title: String, x: ClosedRange<Double>? = nil, y: ClosedRange<Double>? = nil) {
            (self.title, xRange, yRange) = (title, x, y)
        }

        mutating func points(_ x: [Double], _ y: [Double], _ colour: String = "#3366aa") {
            marks.append((x, y, colour, false))
        }

        mutating func line(_ x: [Double], _ y: [Double], _ colour: String = "#cc4433") {
            marks.append((x, y, colour, true))
        }

        /// The density of `values` in equal bins, as steps.
        mutating func histogram(_ values: [Double], bins: Int = 40, in range: ClosedRange<Double>) {
            let width = (range.upperBound - range.lowerBound) / Double(bins)
            var counts = [Double](repeating: 0, count: bins)
            for value in values where range.contains(value) {
                counts[min(bins - 1, Int((value - range.lowerBound) / width))] += 1 / (Double(values.count) * width)
            }
            let edges = (0...bins).map { range.lowerBound + Double($0) * width }
            line(
                [edges[0]] + edges.indices.dropLast().flatMap { [edges[$0], edges[$0 + 1]] } + [edges[bins]],
                [0] + counts.flatMap { [$0, $0] } + [0], "#3366aa")
        }
    }

    var panels: [Panel]

    /// Writes the panels side by side, 300 points wide each.
    func write(_ name: String) throws {
        let (width, height, margin) = (300.0, 260.0, 34.0)
        var body = ""
        for (index, panel) in panels.enumerated() {
            let (xs, ys) = (panel.marks.flatMap(\.x), panel.marks.flatMap(\.y))
            let x = panel.xRange ?? (xs.min() ?? 0)...(xs.max() ?? 1)
            let y = panel.yRange ?? (ys.min() ?? 0)...(ys.max() ?? 1)
            let left = Double(index) * width + margin
            func place(_ a: Double, _ b: Double) -> (String, String) {
                let across = (a - x.lowerBound) / (x.upperBound - x.lowerBound) * (width - 1.5 * margin)
                let up = (b - y.lowerBound) / (y.upperBound - y.lowerBound) * (height - 2 * margin)
                return (String(format: "%.1f", left + across), String(format: "%.1f", height - margin - up))
            }
            let (x0, y1) = place(x.lowerBound, y.upperBound)
            body += "<text x='\(x0)' y='18' font-weight='bold'>\(panel.title)</text>\n"
            body += "<rect x='\(x0)' y='\(y1)' width='\(width - 1.5 * margin)' height='\(height - 2 * margin)' "
            body += "fill='none' stroke='#999999'/>\n"
            for (value, anchor) in [(x.lowerBound, "start"), (x.upperBound, "end")] {
                let (px, _) = place(value, y.lowerBound)
                body += "<text x='\(px)' y='\(height - margin + 14)' text-anchor='\(anchor)'>"
                body += String(format: "%.3g", value) + "</text>\n"
            }
            for value in [y.lowerBound, y.upperBound] {
                let (px, py) = place(x.lowerBound, value)
                body += "<text x='\(px)' y='\(py)' dx='-4' dy='4' text-anchor='end'>"
                body += String(format: "%.3g", value) + "</text>\n"
            }
            for mark in panel.marks {
                let inside = zip(mark.x, mark.y).filter { mark.isLine || (x.contains($0) && y.contains($1)) }
                let places = inside.map { place($0, $1) }
                if mark.isLine {
                    let path = places.map { "\($0.0),\($0.1)" }.joined(separator: " ")
                    body += "<polyline points='\(path)' fill='none' stroke='\(mark.colour)' stroke-width='1.5'/>\n"
                } else {
                    // One path of tiny strokes is a fifth of the size of as many circles.
                    let path = places.map { "M\($0.0) \($0.1)h0" }.joined()
                    body += "<path d='\(path)' stroke='\(mark.colour)' stroke-width='2.2' stroke-linecap='round' "
                    body += "stroke-opacity='0.6'/>\n"
                }
            }
        }
        let total = Int(width) * panels.count
        let head = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 \(total) \(Int(height))' width='\(total)' "
        let style = "font-family='sans-serif' font-size='11'><rect width='100%' height='100%' fill='white'/>\n"
        try (head + style + body + "</svg>\n").write(toFile: name, atomically: true, encoding: .utf8)
    }
}
