import Foundation
import Matrices

extension LogitPosterior {
    /// Class probabilities `[rows, classes]`; every row sums to 1 within rounding. A row depends on itself alone.
    public func probabilities(_ method: PredictiveMethod = .monteCarlo) -> Matrix<Float> {
        switch method {
        case .softmaxOfMean: mean.softmaxOfRows()
        case .meanField: meanFieldLogits().softmaxOfRows()
        case .monteCarlo(let samples): MonteCarlo.run(self, samples: samples).probabilities
        }
    }

    /// Logarithms of the class probabilities `[rows, classes]`, in nats.
    ///
    /// Exact to rounding however small the probability for `softmaxOfMean` and `meanField`, which never form it; for
    /// `monteCarlo` not below ln 2⁻¹²⁶ = −87.3, where Float ends.
    public func logProbabilities(_ method: PredictiveMethod = .monteCarlo) -> Matrix<Float> {
        switch method {
        case .softmaxOfMean: mean.logSoftmaxOfRows()
        case .meanField: meanFieldLogits().logSoftmaxOfRows()
        case .monteCarlo:
            probabilities(method).mappingRows { target, source, count in
                for k in 0..<count { target[k] = log(max(source[k], Float.leastNormalMagnitude)) }
            }
        }
    }

    private func meanFieldLogits() -> Matrix<Float> {
        let centres = mean.logSumExpOfRows()
        var result = Matrix<Float>(uninitialized: rows, classes)
        let target = result.mutablePointer()
        for row in 0..<rows {
            for index in (row * classes)..<((row + 1) * classes) {
                let v = variance.pointer[index]
                target[index] = (mean.pointer[index] - centres[row]) / (1 + Float.pi / 8 * v).squareRoot()
            }
        }
        return result
    }
}

/// Rows are worked on in parallel, in blocks of this many.
private let blockRows = 256

extension Matrix where Scalar == Float {
    func softmaxOfRows() -> Matrix {
        mappingBlocks { target, source, rows in Scalar.Kernels.softmaxRows(target, source, rows, columns) }
    }

    func logSoftmaxOfRows() -> Matrix {
        mappingBlocks { target, source, rows in Scalar.Kernels.logSoftmaxRows(target, source, rows, columns) }
    }

    /// log Σ exp of each row, `[rows]`; −∞ where there are no columns.
    package func logSumExpOfRows() -> [Float] {
        Array(unsafeUninitializedCapacity: rows) { buffer, count in
            if let base = buffer.baseAddress { Scalar.Kernels.logSumExpRows(base, pointer, rows, columns) }
            count = rows
        }
    }

    func mappingRows(
        _ body: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) -> Matrix {
        mappingBlocks { target, source, rows in body(target, source, rows * columns) }
    }

    private func mappingBlocks(
        _ body: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) -> Matrix {
        var result = Matrix(uninitialized: rows, columns)
        guard !isEmpty else { return result }
        nonisolated(unsafe) let (target, source) = (result.mutablePointer(), pointer)  // each block writes its own rows
        Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
            let start = block * blockRows
            body(target + start * columns, source + start * columns, min(blockRows, rows - start))
        }
        return result
    }
}
