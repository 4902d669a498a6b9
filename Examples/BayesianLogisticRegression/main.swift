// Bayesian logistic regression on real image features: is it a shirt or a t-shirt, and how sure can one be?
//
//   swift run -c release BayesianLogisticRegression [Examples/Data/fashion-mnist-mini]
//
// The model is written once, fitted by a mean-field and a full-rank guide and sampled by NUTS; each gives probabilities
// for the test rows, averaged over its draws of the weights.

import Credence
import Foundation

let folder = CommandLine.arguments.dropFirst().first ?? "Examples/Data/fashion-mnist-mini"
func read() throws -> (train: LabelledFeatures, test: LabelledFeatures) {
    let data = try Dataset.open(URL(filePath: folder))
    // Label 0 is the t-shirt, label 1 the shirt; another data folder's first two classes serve as well.
    let named = ["t-shirt", "shirt"].compactMap { data.classNames.firstIndex(of: $0) }
    let pair = named.count == 2 ? named : [0, 1]
    return try (
        data.load(.train).ofClasses(pair, relabellingFrom: 0), data.load(.test).ofClasses(pair, relabellingFrom: 0)
    )
}
let (train, test): (LabelledFeatures, LabelledFeatures)
do {
    (train, test) = try read()
} catch {
    FileHandle.standardError.write(Data("BayesianLogisticRegression: \(error)\n".utf8))
    exit(66)
}

// The first principal components of the training rows, each of variance 1, and a column of ones for the intercept.
let components = 10
let centre = train.features.columnMeans().map { -$0 }
let decomposition = try train.features.adding(row: centre).singularValueDecomposition()
func design(_ rows: LabelledFeatures) -> Matrix<Double> {
    let axes = decomposition.rightTransposed.rows(0..<components)
    let scores = rows.features.adding(row: centre).multiplied(by: axes, .transposed)
    return Matrix((0..<rows.count).map { row in
        (0..<components).map { k in
            Double(scores[row, k] / decomposition.values[k]) * Double(train.count).squareRoot()
        } + [1]
    })
}

let x = design(train)
let y = Matrix(rows: train.count, columns: 1, elements: train.labels.map(Double.init))
let dimension = components + 1
let model = VariationalModel<Double>(
    dimension: dimension, parameterNames: (1...components).map { "weight \($0)" } + ["intercept"],
    prior: .normal(
        mean: [Double](repeating: 0, count: dimension), standardDeviation: [Double](repeating: 2.5, count: dimension))
) { w in
    // Bernoulli(sigmoid(logit)): y·logit − ln(1 + e^logit), summed over the rows.
    let logits = w.multiplied(by: w.tape.constant(x), .transposed)
    return logits.multiplied(by: w.tape.constant(y)) - logits.softplus().rowSums()
}

/// Accuracy and mean negative log likelihood (nats) of the test rows, with probabilities averaged over draws of the
/// weights `[S, D]`.
func report(_ name: String, _ weights: Matrix<Double>, _ note: String) {
    let chances = design(test).multiplied(by: weights, .transposed).sigmoid()
    var (correct, loss) = (0, 0.0)
    for (row, label) in test.labels.enumerated() {
        let p = chances.row(row).reduce(0, +) / Double(weights.rows)
        if (p > 0.5) == (label == 1) { correct += 1 }
        loss -= log(label == 1 ? p : 1 - p)
    }
    let title = name.padding(toLength: 14, withPad: " ", startingAt: 0)
    let count = Double(test.count)
    print(title + String(format: "accuracy %.3f, NLL %.3f  ", Double(correct) / count, loss / count) + note)
}

print("\(train.count) training rows, \(test.count) test rows")
var noise = NormalNoise(seed: 5)
let field = MeanFieldGuide<Double>(dimension: dimension)
let full = FullRankGuide<Double>(dimension: dimension)
let fieldFit = try VariationalInference(bound: .closedFormDivergence(samples: 16)).fit(model, field, seed: 1)
let fullFit = try VariationalInference().fit(model, full, seed: 1)
let fieldDraws = try field.weightedDraws(of: model, count: 4000, seed: 2)
let fullDraws = try full.weightedDraws(of: model, count: 4000, seed: 2)
func note(_ fit: VariationalFit, _ draws: WeightedDraws<[Double]>) -> String {
    String(format: "bound %.2f nats, Pareto k %.2f", fit.finalBound, draws.smoothed.shape)
}
report("prior mean", Matrix(rows: 1, columns: dimension), "what knowing nothing gives")
report("guide's mean", Matrix([full.mean]), "one set of weights")
report("mean field", field.sample(2000, noise: &noise).positions, note(fieldFit, fieldDraws))
report("full rank", full.sample(2000, noise: &noise).positions, note(fullFit, fullDraws))

let chains = try NoUTurnSampler().sample(
    model.logDensity, plan: SamplingPlan(chains: 4, warmup: 500, draws: 500), seed: 3)
let summary = try chains.summary()
let worst = summary.map(\.rHat).max() ?? .nan
report("NUTS", chains.positions, String(format: "largest R-hat %.3f, %d divergent", worst, chains.divergences))
print("\n" + summary.table)
