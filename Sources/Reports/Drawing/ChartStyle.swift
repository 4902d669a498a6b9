/// The stylesheet of charts, the same in the page and in each SVG file. Colours are written out rather than kept in
/// variables, which programs that draw SVG often do not know.
enum ChartStyle {
    static let fonts = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Liberation Sans',Arial,sans-serif"

    static let css =
        """
        .chart text{font:13px \(fonts);font-variant-numeric:tabular-nums}
        .chart .small{font-size:11.5px}
        .chart .title{font-size:16px;font-weight:600}
        .chart .strong{font-weight:600}
        .chart .e{text-anchor:end}.chart .m{text-anchor:middle}
        .chart .line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
        .chart .band{fill-opacity:.15;stroke:none}
        .chart .area{fill-opacity:.28;stroke-width:1.8}
        .chart .grid{stroke-width:1}.chart .axis{stroke-width:1}
        .chart .whisker{stroke-width:1.6;fill:none}
        .chart .hit{fill:#000;fill-opacity:0;stroke:none}
        .chart .d1{stroke-dasharray:7 3}.chart .d2{stroke-dasharray:2.5 3.5}.chart .d3{stroke-dasharray:9 3 2 3}
        .chart .d4{stroke-dasharray:12 4}.chart .d5{stroke-dasharray:4 2}.chart .d6{stroke-dasharray:1 4}
        .chart .d7{stroke-dasharray:6 2 2 2 2 2}.chart .ref{stroke-dasharray:5 4;stroke-width:1.6}
        \(colours(.light))
        @media (prefers-color-scheme:dark){\(colours(.dark))}
        @media print{\(colours(.light))}
        """

    private static func colours(_ palette: Palette) -> String {
        var rules = [
            ".chart .ground{fill:\(palette.ground.css)}", ".chart text{fill:\(palette.ink.css)}",
            ".chart .muted{fill:\(palette.muted.css)}", ".chart .grid{stroke:\(palette.grid.css)}",
            ".chart .axis{stroke:\(palette.axis.css)}", ".chart .cm{stroke:\(palette.muted.css)}",
            ".chart .fm{fill:\(palette.muted.css)}",
        ]
        for (index, colour) in palette.series.enumerated() {
            rules.append(".chart .c\(index){stroke:\(colour.css)}.chart .f\(index){fill:\(colour.css)}")
        }
        for step in 0...Palette.heatSteps {
            rules.append(
                ".chart .h\(step){fill:\(palette.heat(step).css)}.chart .t\(step){fill:\(palette.textOnHeat(step).css)}")
        }
        return rules.joined()
    }
}
