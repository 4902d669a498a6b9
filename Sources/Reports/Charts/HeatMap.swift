/// A matrix as fields of colour with numbers in them, which the charts of accuracies and of confusions share.
struct HeatMap {
    struct Cell {
        let value: Double
        /// In the field, where there is room.
        let label: String
        let tip: String
    }

    let rowNames: [String]
    let columnNames: [String]
    let cells: [[Cell?]]
    let range: ClosedRange<Double>
    let rowTitle: String
    let columnTitle: String
    /// Of the ends of the colour scale.
    let rangeLabels: (low: String, high: String)

    private static let field = (top: 40.0, right: Axes.width - 14)

    private var left: Double {
        let longest = rowNames.map { TextFitting.width($0, size: 11.5) }.max() ?? 0
        return min(150, max(40, longest + 12)) + 22
    }

    private var side: Double { (Self.field.right - left) / Double(max(columnNames.count, 1)) }
    private var rowHeight: Double { min(side, max(20, 330 / Double(max(rowNames.count, 1)))) }
    private var bottom: Double { Self.field.top + rowHeight * Double(rowNames.count) }
    private var areColumnsTurned: Bool {
        (columnNames.map { TextFitting.width($0, size: 11.5) }.max() ?? 0) > side - 4 && side >= 14
    }
    private var nameDepth: Double {
        areColumnsTurned ? min(120, (columnNames.map { TextFitting.width($0, size: 11.5) }.max() ?? 0) + 6) : 16
    }
    var height: Double { bottom + nameDepth + 34 }

    func step(_ value: Double) -> Int {
        let share = (value - range.lowerBound) / max(range.upperBound - range.lowerBound, 1e-12)
        guard share.isFinite else { return 0 }
        return Int((min(1, max(0, share)) * Double(Palette.heatSteps)).rounded())
    }

    var marks: [Markup] {
        var marks = scale
        let every = max(1, Int((14 / max(side, 1)).rounded(.up)))
        for (row, name) in rowNames.enumerated() {
            let y = Self.field.top + (Double(row) + 0.5) * rowHeight
            if row % max(1, Int((14 / rowHeight).rounded(.up))) == 0 {
                marks.append(Marks.text(TextFitting.shortened(name, to: left - 32, size: 11.5), left - 7, y + 4, "e small muted"))
            }
            for (column, cell) in cells[row].enumerated() {
                guard let cell else { continue }
                let x = left + Double(column) * side
                marks.append(
                    Marks.rect(
                        x + 0.5, y - rowHeight / 2 + 0.5, side - 1, rowHeight - 1, "h\(step(cell.value))", tip: cell.tip))
                if TextFitting.width(cell.label, size: 11.5) <= side - 3, rowHeight >= 14 {
                    // The field below the number tells.
                    marks.append(
                        .tag(
                            "text",
                            [
                                "x": NumberText.place(x + side / 2), "y": NumberText.place(y + 4),
                                "class": "m small t\(step(cell.value))", "pointer-events": "none",
                            ], text: cell.label))
                }
            }
        }
        for (column, name) in columnNames.enumerated() where column % every == 0 {
            let x = left + (Double(column) + 0.5) * side
            marks.append(
                areColumnsTurned
                    ? Marks.text(TextFitting.shortened(name, to: 116, size: 11.5), x + 4, bottom + 8, "e small muted", turned: true)
                    : Marks.text(name, x, bottom + 15, "m small muted"))
        }
        marks.append(Marks.text(columnTitle, (left + Self.field.right) / 2, bottom + nameDepth + 22, "m"))
        marks.append(Marks.text(rowTitle, 13, (Self.field.top + bottom) / 2, "m", turned: true))
        return marks
    }

    private var scale: [Markup] {
        let (width, x) = (140.0, Self.field.right - 140)
        let labelWidth = TextFitting.width(rangeLabels.high, size: 11.5)
        let start = x - labelWidth - 6
        var marks: [Markup] = [Marks.text(rangeLabels.low, start - 6, 20, "e small muted")]
        let steps = Palette.heatSteps
        for step in 0...steps {
            let part = width / Double(steps + 1)
            marks.append(Marks.rect(start + Double(step) * part, 10, part + 0.4, 12, "h\(step)"))
        }
        marks.append(Marks.text(rangeLabels.high, start + width + 6, 20, "small muted"))
        return marks
    }
}
