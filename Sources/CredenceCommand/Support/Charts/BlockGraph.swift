/// Values as columns and bars of block characters: the strokes that sketches are made of.
enum BlockGraph {
    private static let rising = Array(" ▁▂▃▄▅▆▇█")
    private static let risingASCII = Array(" .:#")
    private static let growing = Array(" ▏▎▍▌▋▊▉█")

    /// A column a value, `height` lines from the top down; a value above 0 leaves a mark, however small.
    ///
    /// - Parameter top: the value that fills a column.
    static func columns(_ values: [Double], top: Double, height: Int, _ canvas: ChartCanvas) -> [String] {
        let levels = canvas.hasUnicode ? rising : risingASCII
        let steps = levels.count - 1
        let filled = values.map { value -> Int in
            guard value > 0, top > 0 else { return 0 }
            return min(height * steps, max(1, Int((value / top * Double(height * steps)).rounded())))
        }
        return (0..<height).reversed().map { line in
            String(filled.map { levels[min(steps, max(0, $0 - line * steps))] })
        }
    }

    /// A bar of `share` (0…1) of `width` characters, filled up with spaces.
    static func bar(_ share: Double, width: Int, _ canvas: ChartCanvas) -> String {
        let share = min(1, max(0, share))
        guard canvas.hasUnicode else {
            return String(repeating: "#", count: Int((share * Double(width)).rounded())).padded(width)
        }
        let eighths = Int((share * Double(width * 8)).rounded())
        let end = eighths % 8 == 0 ? "" : String(growing[eighths % 8])
        return (String(repeating: "█", count: eighths / 8) + end).padded(width)
    }

    /// The place in `width` characters of `share`, 0…1.
    static func place(_ share: Double, width: Int) -> Int {
        min(width - 1, max(0, Int(share * Double(width))))
    }

    /// Lines of a graph with an axis on the left and below, `low` and `high` beside it.
    static func framed(
        _ lines: [String], low: String, high: String, _ canvas: ChartCanvas, below: (left: String, title: String, right: String)
    ) -> [String] {
        let labels = max(low.count, high.count)
        let width = lines.first?.count ?? 0
        var framed = lines.enumerated().map { number, line in
            canvas.paint((number == 0 ? high : "").padded(labels, left: true) + canvas.choose(" │", " |"), .faint) + line
        }
        framed.append(
            canvas.paint(
                low.padded(labels, left: true) + canvas.choose(" └", " +")
                    + String(repeating: canvas.choose("─", "-"), count: width), .faint))
        framed.append(canvas.paint(String(repeating: " ", count: labels + 2) + ruler(below, width: width), .faint))
        return framed
    }

    /// A text on the left, in the middle and on the right of `width` characters; the middle only where it fits.
    static func ruler(_ texts: (left: String, title: String, right: String), width: Int) -> String {
        let space = width - texts.left.count - texts.right.count
        guard space >= 0 else { return texts.left }
        guard space >= texts.title.count + 2 else { return texts.left + String(repeating: " ", count: space) + texts.right }
        let before = (space - texts.title.count) / 2
        return texts.left + String(repeating: " ", count: before) + texts.title.padded(space - before) + texts.right
    }
}
