import FeatureData
import Foundation
import Matrices
import Prediction
import Probability

extension RAILDualHead {
    /// Sets λ and the kernel's γ: as given, or the best by the recipe's criterion, on a random subset of rows where there
    /// are many.
    mutating func chooseParameters(seed: UInt64) throws(LinearAlgebraError) {
        if case .fixed(let value) = recipe.regulariser { regulariser = value }
        if case .fixed(let value) = recipe.gamma { kernel = .gaussian(gamma: value) }
        let searched = [recipe.regulariser, recipe.gamma].compactMap { $0 }.filter {
            if case .fixed = $0 { false } else { true }
        }
        guard let criterion = searched.first else { return }
        let chosen = LandmarkSelection.random.indices(
            of: Matrix<Double>(rows: rows.count, columns: 0), labels: rows.labels, count: RAILDualRecipe.searchRows,
            random: RandomStream(seed: seed).split(1_000_000 + classesPerTask.count))
        let search = KernelSearch(
            rows: Matrix<Double>(rows.features.selectingRows(chosen)), labels: chosen.map { rows.labels[$0] },
            classes: classNames.count, criterion: criterion)
        var best = (kernel: kernel, regulariser: regulariser ?? 0.1)
        // Two rounds of one parameter after the other: their ridge is not steep.
        for round in 0..<2 {
            let steps = round == 0 ? 9 : 7
            if case .fixed = recipe.regulariser {} else {
                best.regulariser = search.best(RAILDualRecipe.regulariserRange, steps: steps) { (best.kernel, $0) }
            }
            if let gamma = recipe.gamma, gamma.isSearched {
                best.kernel = .gaussian(
                    gamma: search.best(RAILDualRecipe.gammaRange, steps: steps) { (.gaussian(gamma: $0), best.regulariser) })
            }
            if searched.count < 2 { break }
        }
        (kernel, regulariser) = best
    }
}

extension RidgeParameter {
    var isSearched: Bool { if case .fixed = self { false } else { true } }
}

/// The search for kernel and λ on some rows.
private struct KernelSearch {
    let rows: Matrix<Double>
    let labels: [Int]
    let classes: Int
    let criterion: RidgeParameter

    /// The value in `range` with the least loss, on a logarithmic scale.
    func best(_ range: ClosedRange<Double>, steps: Int, _ setting: (Double) -> (Kernel, Double)) -> Double {
        exp(
            GoldenSection.minimum(in: log(range.lowerBound)...log(range.upperBound), steps: steps) { logarithm in
                let (kernel, regulariser) = setting(exp(logarithm))
                return loss(kernel, regulariser)
            }.at)
    }

    private func loss(_ kernel: Kernel, _ regulariser: Double) -> Double {
        var ridge = KernelRidge(kernel: kernel, regulariser: regulariser, dimension: rows.columns)
        guard (try? ridge.learn(rows, labels: labels, classes: classes)) != nil else { return .infinity }
        guard criterion == .leaveOneOut else { return -ridge.logMarginalLikelihood }
        let scores = ridge.leaveOneOut(rows, labels: labels).scores
        var sum = 0.0
        for (row, label) in labels.enumerated() {
            for k in 0..<classes {
                let error = Double(scores[row, k]) - (k == label ? 1 : 0)
                sum += error * error
            }
        }
        return sum
    }
}
