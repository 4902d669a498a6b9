/// Names of the series above the field, in as many lines as they need.
struct Legend {
    enum Sign {
        /// The line and mark of a series.
        case line(Int)
        /// A field in the colour of a series.
        case field(Int)
        /// A grey line with dashes.
        case reference
    }

    let marks: [Markup]
    /// Where the field may begin.
    let bottom: Double

    init(_ items: [(name: String, sign: Sign)], left: Double = 64) {
        var marks: [Markup] = []
        var (x, y) = (left, 14.0)
        for item in items {
            let name = TextFitting.shortened(item.name, to: Axes.width - left - 40)
            let width = 30 + TextFitting.width(name) + 18
            if x > left, x + width > Axes.width {
                x = left
                y += 20
            }
            switch item.sign {
            case .line(let series):
                marks.append(Marks.line(x, y - 4.5, x + 24, y - 4.5, "line c\(series % 8) d\(series % 8)"))
                marks.append(Marks.point(x + 12, y - 4.5, series: series))
            case .field(let series): marks.append(Marks.rect(x + 8, y - 10, 12, 12, "f\(series % 8)"))
            case .reference: marks.append(Marks.line(x, y - 4.5, x + 24, y - 4.5, "line cm ref"))
            }
            marks.append(Marks.text(name, x + 30, y))
            x += width
        }
        self.marks = marks
        bottom = items.isEmpty ? 12 : y + 16
    }
}
