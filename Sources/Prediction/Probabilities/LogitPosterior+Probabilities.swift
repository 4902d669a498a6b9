import CKernels
import Foundation
import Matrices

extension LogitPosterior {
    /// Class probabilities `[rows, classes]`; every row sums to 1 within rounding. A row depends on itself alone.
    public func probabilities(_ method: PredictiveMethod = .exact) -> Matrix<Float> {
        switch method {
        case .softmaxOfMean: mean.softmax()
        case .meanField: meanField { Float.Kernels.softmaxRows($0, $0, $1, classes) }
        case .monteCarlo(let samples): MonteCarlo.run(self, samples: samples).probabilities
        case .quasiMonteCarlo(let samples):
            MonteCarlo.run(
                self, noise: MonteCarlo.Noise(.quasiRandom, pairs: max(1, (samples + 1) / 2), classes: classes)
            ).probabilities
        case .pairwiseMeanField: exponentials(PairwiseMeanField.logProbabilities(of: self))
        case .laplaceBridge: exponentials(LaplaceBridge.logProbabilities(of: self))
        case .exact: GumbelMaxTable.shared.predict(self).probabilities
        }
    }

    /// Logarithms of the class probabilities `[rows, classes]`, in nats.
    ///
    /// As accurate as the method however small the probability where the method `isClosedForm`, which never forms it; by
    /// sampling not below ln 2⁻¹²⁶ = −87.3, where Float ends, by quadrature not below ln 2⁻¹⁰²² = −708.
    public func logProbabilities(_ method: PredictiveMethod = .exact) -> Matrix<Float> {
        switch method {
        case .softmaxOfMean: mean.logSoftmax()
        case .meanField: meanField { Float.Kernels.logSoftmaxRows($0, $0, $1, classes) }
        case .monteCarlo, .quasiMonteCarlo: probabilities(method).flooredLogarithms()
        case .pairwiseMeanField: PairwiseMeanField.logProbabilities(of: self).converted()
        case .laplaceBridge: LaplaceBridge.logProbabilities(of: self).converted()
        case .exact: exactLogarithms()
        }
    }

    /// Probabilities and entropies by quadrature in Double; the logits themselves are Floats.
    public func exact(_ quadrature: GumbelMaxQuadrature = .single) -> GumbelMaxQuadrature.Prediction {
        quadrature.predict(mean: mean.converted(), variance: variance.converted())
    }

    private func exponentials(_ logarithms: Matrix<Double>) -> Matrix<Float> {
        var result = Matrix<Float>(uninitialized: rows, classes)
        result.withUnsafeMutableElements { target in
            logarithms.withUnsafeElements { for index in $0.indices { target[index] = Float(exp($0[index])) } }
        }
        return result
    }

    /// Logarithms by the table; of rows with probabilities that Float hardly holds by the quadrature in Double.
    private func exactLogarithms() -> Matrix<Float> {
        let probabilities = GumbelMaxTable.shared.predict(self).probabilities
        var result = probabilities.flooredLogarithms()
        let least = result.withUnsafeElements { logs in
            (0..<rows).map { row in logs[row * classes..<(row + 1) * classes].min() ?? 0 }
        }
        for row in 0..<rows where least[row] < -70 {
            let own = LogitPosterior(mean: mean.rows(row..<row + 1), variance: variance.rows(row..<row + 1)).exact()
            for k in 0..<classes { result[row, k] = Float(log(max(own.probabilities[0, k], .leastNormalMagnitude))) }
        }
        return result
    }

    /// `normalise` of the logits (m − c)/√(1 + π/8·v), block by block of rows while they are in the cache.
    private func meanField(
        _ normalise: @Sendable (UnsafeMutablePointer<Float>, _ rows: Int) -> Void
    ) -> Matrix<Float> {
        let (rows, classes, blockRows) = (rows, classes, 64)
        var result = Matrix<Float>(uninitialized: rows, classes)
        // Each block writes its own rows.
        nonisolated(unsafe) let (target, means, variances) = (result.mutablePointer(), mean.pointer, variance.pointer)
        Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
            let first = block * blockRows
            let count = min(blockRows, rows - first)
            var centres = Matrix<Float>(uninitialized: count, 1)
            let centre = centres.mutablePointer()
            Float.Kernels.logSumExpRows(centre, means + first * classes, count, classes)
            credence_mean_field_rows_f32(
                target + first * classes, means + first * classes, variances + first * classes, centre, count, classes)
            normalise(target + first * classes, count)
        }
        return result
    }
}

extension Matrix<Float> {
    /// Logarithms of probabilities, not below ln 2⁻¹²⁶, where Float ends.
    package func flooredLogarithms() -> Matrix {
        var result = self
        result.withUnsafeMutableElements {
            for index in $0.indices { $0[index] = Glibc.log(max($0[index], Float.leastNormalMagnitude)) }
        }
        return result
    }
}
