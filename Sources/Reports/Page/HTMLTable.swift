/// A table with named columns and rows, in a frame that scrolls by itself where it is wider than the page.
enum HTMLTable {
    static func markup(_ table: DataTable, caption: String, showsCaption: Bool = true) -> Markup {
        .tag(
            "div", ["class": "scroll", "role": "region", "aria-label": caption, "tabindex": "0"],
            [
                .tag(
                    "table", [:],
                    (showsCaption ? [.tag("caption", [:], text: caption)] : []) + [
                        .tag("thead", [:], [.tag("tr", [:], table.heads.map { .tag("th", ["scope": "col"], text: $0) })]),
                        .tag(
                            "tbody", [:],
                            table.rows.map { row in
                                .tag(
                                    "tr", [:],
                                    row.enumerated().map { column, cell in
                                        column == 0 ? .tag("th", ["scope": "row"], text: cell) : .tag("td", [:], text: cell)
                                    })
                            }),
                    ])
            ])
    }
}
