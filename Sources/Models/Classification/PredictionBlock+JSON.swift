import FeatureData

extension PredictionBlock {
    /// A row as a JSON object, as the command line prints it and the service sends it. Numbers have the fewest digits that
    /// read back to the same number.
    ///
    /// - Parameter names: the class names as JSON texts.
    public func appendJSON(_ row: Int, columns: PredictionColumns, names: [String], to text: inout String) {
        let first = row * columns.topK
        text += "{\"row\":\(firstRow + row),\"class\":\(names[classes[first]]),"
        text += "\"probability\":\(probability[first])"
        for (name, values) in figures { text += ",\"\(name)\":\(values[row])" }
        if let set = sets?[row] { text += ",\"set\":[\(set.map { names[$0] }.joined(separator: ","))]" }
        if let abstains { text += ",\"abstain\":\(abstains[row])" }
        if columns.topK > 1 {
            let places = first..<(first + columns.topK)
            let others = places.map { "{\"class\":\(names[classes[$0]]),\"probability\":\(probability[$0])}" }
            text += ",\"top\":[\(others.joined(separator: ","))]"
        }
        if columns.allProbabilities {
            text += ",\"probabilities\":[\(probabilities.row(row).map { "\($0)" }.joined(separator: ","))]"
        }
        text += "}"
    }
}

extension PredictionColumns {
    /// The class names as JSON texts.
    public var classNamesAsJSON: [String] { classNames.map(\.asJSON) }
}
