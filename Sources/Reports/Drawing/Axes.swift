/// The field that a chart is drawn in, with scales, grid lines, labels and titles of the axes.
struct Axes {
    static let width = 480.0
    /// The field inside the margins.
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double
    let x: LinearScale
    let y: LinearScale

    init(
        x: ClosedRange<Double>, y: ClosedRange<Double>, top: Double, height: Double = 300, left: Double = 64,
        right: Double = 24, bottom: Double = 46
    ) {
        (self.left, self.right, self.top, self.bottom) = (left, Self.width - right, top, height - bottom)
        self.x = LinearScale(x, from: self.left, to: self.right)
        self.y = LinearScale(y, from: self.bottom, to: self.top)
    }

    /// Grid, ticks and titles. Labels of ticks come from `xLabel` and `yLabel`.
    func drawn(
        xTitle: String, yTitle: String, xTicks: [Double]? = nil, xLabel: ((Double) -> String)? = nil,
        yLabel: ((Double) -> String)? = nil
    ) -> [Markup] {
        var marks: [Markup] = []
        let digits = (x: x.digits(), y: y.digits())
        for value in y.ticks() {
            let place = y(value)
            marks.append(Marks.line(left, place, right, place, "grid"))
            marks.append(
                Marks.text(yLabel?(value) ?? NumberText.fixed(value, digits.y), left - 8, place + 4.5, "e muted"))
        }
        for value in xTicks ?? x.ticks() {
            let place = x(value)
            marks.append(Marks.line(place, bottom, place, bottom + 4, "axis"))
            marks.append(
                Marks.text(xLabel?(value) ?? NumberText.fixed(value, digits.x), place, bottom + 19, "m muted"))
        }
        marks.append(Marks.line(left, bottom, right, bottom, "axis"))
        marks.append(Marks.text(xTitle, (left + right) / 2, bottom + 38, "m"))
        marks.append(Marks.text(yTitle, 12, (top + bottom) / 2, "m", turned: true))
        return marks
    }

    /// Labels of percentages.
    static func percent(_ scale: LinearScale) -> (Double) -> String {
        let digits = max(0, scale.digits() - 2)
        return { NumberText.fixed($0 * 100, digits) + "\u{A0}%" }
    }

    /// Numbers of tasks, at most about 12 of them.
    static func taskTicks(_ tasks: Int) -> [Double] {
        let step = max(1, (tasks + 11) / 12)
        return stride(from: 1, through: max(tasks, 1), by: step).map(Double.init)
    }
}
