import Matrices

extension Matrix {
    /// `parts` under one another; `[0, columns]` where there are none.
    init(stacking parts: [Matrix], columns: Int) {
        self.init(rows: parts.reduce(0) { $0 + $1.rows }, columns: columns)
        var target = mutablePointer()
        for part in parts {
            precondition(part.columns == columns, "stacking rows of different lengths")
            target.update(from: part.pointer, count: part.count)
            target += part.count
        }
    }
}
