/// Equal shapes and equal elements, as numbers: 0 equals −0, and NaN differs from itself, even in the same matrix.
extension Matrix: Equatable {
    public static func == (a: Matrix, b: Matrix) -> Bool {
        guard a.rows == b.rows && a.columns == b.columns else { return false }
        let (x, y) = (a.pointer, b.pointer)
        for index in 0..<a.count where x[index] != y[index] { return false }
        return true
    }
}

extension Matrix: Hashable {
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rows)
        hasher.combine(columns)
        withUnsafeElements { for element in $0 { hasher.combine(element) } }
    }
}

/// The shape and the first rows and columns.
extension Matrix: CustomStringConvertible {
    public var description: String {
        let corner = 4
        var text = "Matrix<\(Scalar.self)> [\(rows), \(columns)]"
        for row in 0..<Swift.min(rows, corner) {
            text += "\n  "
            text += (0..<Swift.min(columns, corner)).map { "\(self[row, $0])" }.joined(separator: "  ")
            if columns > corner { text += "  …" }
        }
        if rows > corner { text += "\n  …" }
        return text
    }
}
