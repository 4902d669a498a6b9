/// One figure of a report: a drawing, its words and its numbers.
public struct Chart: Sendable {
    /// The name of its file, without extension: letters, digits and hyphens.
    public let name: String
    public let title: String
    /// What it shows, in a sentence or two: the drawing's description for those who do not see it.
    public let summary: String
    /// How its numbers and intervals came about; may be empty.
    public let note: String
    /// The numbers drawn.
    public let table: DataTable
    let height: Double
    let marks: [Markup]

    init(
        name: String, title: String, summary: String, note: String = "", table: DataTable, height: Double = 300,
        marks: [Markup]
    ) {
        (self.name, self.title, self.summary, self.note) = (name, title, summary, note)
        (self.table, self.height, self.marks) = (table, height, marks)
    }

    /// The drawing as part of a page, which has the stylesheet.
    var inline: Markup {
        svg(viewBox: "0 0 \(NumberText.place(Axes.width)) \(NumberText.place(height))", [:], marks)
    }

    /// The drawing as a file of its own, in its own style, with its title.
    public var svgFile: String {
        let (width, top) = (NumberText.place(Axes.width + 24), 44.0)
        let full = NumberText.place(height + top + 12)
        let drawing = svg(
            viewBox: "-12 \(NumberText.place(-top)) \(width) \(full)", ["width": width, "height": full],
            [
                .tag("style", [:], [.verbatim(ChartStyle.css)]),
                .tag("rect", ["x": "-12", "y": NumberText.place(-top), "width": width, "height": full, "class": "ground"]),
                Marks.text(TextFitting.shortened(title, to: Axes.width - 8, size: 16), 0, -18, "title"),
            ] + marks)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + drawing.rendered + "\n"
    }

    private func svg(viewBox: String, _ size: KeyValuePairs<String, String>, _ content: [Markup]) -> Markup {
        let attributes: [(name: String, value: String)] =
            [
                ("xmlns", "http://www.w3.org/2000/svg"), ("class", "chart"), ("viewBox", viewBox), ("role", "img"),
                ("aria-labelledby", "\(name)-title \(name)-desc"),
            ] + size.map { ($0.key, $0.value) }
        return .element(
            "svg", attributes,
            [.tag("title", ["id": "\(name)-title"], text: title), .tag("desc", ["id": "\(name)-desc"], text: summary)]
                + content)
    }
}

/// The numbers of a figure as text.
public struct DataTable: Sendable, Equatable {
    public let heads: [String]
    /// The first cell of a row names it.
    public let rows: [[String]]

    public init(heads: [String], rows: [[String]]) {
        (self.heads, self.rows) = (heads, rows)
    }
}
