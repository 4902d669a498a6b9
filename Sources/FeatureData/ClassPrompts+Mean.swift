import Matrices

extension ClassPrompts {
    /// One text feature a class: the mean of its unit-length prompt features, scaled to unit length, `[classes, D]`.
    ///
    /// This is the zero-shot classifier of CLIP (Radford et al. 2021, section 3.1.4).
    public func meanFeatures() -> Matrix<Float> {
        let dimension = features.first?.columns ?? 0
        var means = Matrix<Float>(rows: features.count, columns: dimension)
        for (index, prompts) in features.enumerated() {
            precondition(prompts.columns == dimension, "prompts with \(prompts.columns) and \(dimension) dimensions")
            // Double: a class has few prompts, and this is done once.
            var sum = [Double](repeating: 0, count: dimension)
            for prompt in 0..<prompts.rows {
                let row = prompts.row(prompt)
                let norm = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
                guard norm > 0 else { continue }
                for column in 0..<dimension { sum[column] += Double(row[column]) / norm }
            }
            let norm = sum.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
            guard norm > 0 else { continue }
            for column in 0..<dimension { means[index, column] = Float(sum[column] / norm) }
        }
        return means
    }
}
