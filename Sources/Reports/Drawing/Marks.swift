/// The parts that charts are drawn from. A mark with a `tip` tells it to who points at it: by `<title>`, which the page's
/// script turns into a label that appears at once.
enum Marks {
    static func text(_ text: String, _ x: Double, _ y: Double, _ style: String = "", turned: Bool = false) -> Markup {
        var attributes = [("x", NumberText.place(x)), ("y", NumberText.place(y))]
        if !style.isEmpty { attributes.append(("class", style)) }
        if turned { attributes.append(("transform", "rotate(-90 \(NumberText.place(x)) \(NumberText.place(y)))")) }
        return .element("text", attributes.map { (name: $0.0, value: $0.1) }, [.text(text)])
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> Markup {
        .tag("path", ["d": path([(x1, y1), (x2, y2)]), "class": style])
    }

    /// A line through points; a gap where one is missing.
    static func polyline(_ points: [(x: Double, y: Double)?], _ style: String) -> [Markup] {
        points.split(whereSeparator: { $0 == nil }).map { part in
            .tag("path", ["d": path(part.compactMap { $0 }), "class": "line " + style])
        }
    }

    /// The area between two lines.
    static func band(_ upper: [(x: Double, y: Double)], _ lower: [(x: Double, y: Double)], _ style: String) -> Markup {
        .tag("path", ["d": path(upper + lower.reversed()) + "Z", "class": style])
    }

    static func rect(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, tip: String? = nil) -> Markup {
        .tag(
            "rect",
            [
                "x": NumberText.place(x), "y": NumberText.place(y), "width": NumberText.place(max(0, width)),
                "height": NumberText.place(max(0, height)), "class": style,
            ], title(tip))
    }

    /// The mark of a series: circle, square, diamond or triangle.
    static func point(_ x: Double, _ y: Double, series: Int, size: Double = 3.6) -> Markup {
        let style = "f\(series % 8)"
        switch series % 4 {
        case 1: return rect(x - size, y - size, 2 * size, 2 * size, style)
        case 2:
            let reach = size * 1.4
            return .tag("path", ["d": path([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]) + "Z", "class": style])
        case 3:
            let reach = size * 1.35
            return .tag("path", ["d": path([(x, y - reach), (x + reach, y + size), (x - reach, y + size)]) + "Z", "class": style])
        default:
            return .tag("circle", ["cx": NumberText.place(x), "cy": NumberText.place(y), "r": NumberText.place(size), "class": style])
        }
    }

    /// An unseen field, larger than the mark it covers, that tells.
    static func hit(_ x: Double, _ y: Double, _ tip: String, radius: Double = 11) -> Markup {
        .tag(
            "circle", ["cx": NumberText.place(x), "cy": NumberText.place(y), "r": NumberText.place(radius), "class": "hit"],
            title(tip))
    }

    /// An interval from `low` to `high` with ends.
    static func whisker(x: Double, from low: Double, to high: Double, _ style: String, reach: Double = 3) -> Markup {
        let (a, b) = (NumberText.place(x - reach), NumberText.place(x + reach))
        let (l, h, m) = (NumberText.place(low), NumberText.place(high), NumberText.place(x))
        return .tag("path", ["d": "M\(a) \(l)H\(b)M\(m) \(l)V\(h)M\(a) \(h)H\(b)", "class": "whisker " + style])
    }

    static func whisker(y: Double, from low: Double, to high: Double, _ style: String, reach: Double = 3.5) -> Markup {
        let (a, b) = (NumberText.place(y - reach), NumberText.place(y + reach))
        let (l, h, m) = (NumberText.place(low), NumberText.place(high), NumberText.place(y))
        return .tag("path", ["d": "M\(l) \(a)V\(b)M\(l) \(m)H\(h)M\(h) \(a)V\(b)", "class": "whisker " + style])
    }

    static func title(_ tip: String?) -> [Markup] { tip.map { [.tag("title", text: $0)] } ?? [] }

    static func path(_ points: [(x: Double, y: Double)]) -> String {
        var text = ""
        for (index, point) in points.enumerated() {
            text += (index == 0 ? "M" : "L") + NumberText.place(point.x) + " " + NumberText.place(point.y)
        }
        return text
    }
}
