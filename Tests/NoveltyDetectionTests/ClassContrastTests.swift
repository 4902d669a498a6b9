import FeatureData
import Matrices
import Prediction
import TestSupport
import Testing

@testable import NoveltyDetection

/// `ClassContrast` against its formula written out in Double; the laws of all fitted scores cover the rest.
@Suite struct ClassContrastTests {
    private let sample = KnownSample()

    private func rows(_ matrix: Matrix<Float>) -> [[Double]] { (0..<matrix.rows).map { matrix.row($0).map(Double.init) } }
    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    private func minus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
    private func deviation(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    /// d, p and s of the formula; `isKnown` where the rows are known ones, which are no neighbours of themselves.
    private func parts(_ queries: [[Double]], isKnown: Bool) throws -> [(d: Double, p: Double, s: Double)] {
        let known = rows(sample.rows.features)
        let width = KnownSample.dimension
        let mean = (0..<width).map { d in known.reduce(0) { $0 + $1[d] } / Double(known.count) }
        let means = (0..<4).map { label -> [Double] in
            let own = known.indices.filter { sample.rows.labels[$0] == label }
            return (0..<width).map { d in own.reduce(0) { $0 + known[$1][d] } / Double(own.count) }
        }
        var covariance = Matrix<Double>(rows: width, columns: width)
        for (x, label) in zip(known, sample.rows.labels) {
            let r = minus(x, means[label])
            for i in 0..<width { for j in 0..<width { covariance[i, j] += r[i] * r[j] / Double(known.count) } }
        }
        let level = (0..<width).reduce(0) { $0 + covariance[$1, $1] } / Double(width)
        covariance.scale(by: 0.4)
        for i in 0..<width { covariance[i, i] += 0.6 * level }
        let inverse = try CholeskyFactorization(covariance).inverse()
        // Gram–Schmidt on the class means seen from the mean of all rows; the last depends on the others.
        var basis: [[Double]] = []
        for own in means.dropLast() {
            var v = minus(own, mean)
            for b in basis { v = zip(v, b).map { $0 - dot(minus(own, mean), b) * $1 } }
            basis.append(v.map { $0 / dot(v, v).squareRoot() })
        }
        return queries.map { x in
            let d = means.map { m -> Double in
                let r = minus(x, m)
                return (0..<width).reduce(0) { sum, i in sum + r[i] * (0..<width).reduce(0) { $0 + inverse[i, $1] * r[$1] } }
            }
            let p = basis.reduce(0) { $0 + dot(minus(x, mean), $1) * dot(minus(x, mean), $1) }
            let s = known.map { dot(x, $0) }.sorted(by: >)
            // All 240 rows are kept, 60 a class: k = 18.
            return (d.min() ?? 0, p, s[isKnown ? 18 : 17])
        }
    }

    @Test func formula() throws {
        let settings = ContrastSettings(rowsPerClass: 60)
        let known = try parts(rows(sample.rows.features), isKnown: true)
        let (d, p, s) = (deviation(known.map(\.d)), deviation(known.map(\.p)), deviation(known.map(\.s)))
        let contrast = try parts(rows(sample.queries), isKnown: false).map { $0.d / d - $0.p / p + $0.s / s }
        let found = try ClassContrast(settings: settings).fitted(to: sample.known())
            .scores(for: NoveltyInput(features: sample.queries))
        expectClose(found, contrast, relative: 2e-5)

        let energies = sample.head.posterior(for: sample.rows.features).mean.logSumExp().map { -Double($0) }
        let own = sample.head.posterior(for: sample.queries).mean.logSumExp().map { -Double($0) }
        let withEnergy = zip(contrast, own).map { $0 + 0.5 * $1 / deviation(energies) }
        let foundWithEnergy = try ClassContrastEnergy(settings: settings).fitted(to: sample.known())
            .scores(for: sample.input(sample.queries))
        expectClose(foundWithEnergy, withEnergy, relative: 2e-5)
    }

    @Test func keepsAsManyRowsAsItShould() throws {
        func kept(_ settings: ContrastSettings) throws -> Int {
            var archive = ScoreArchive(ModelArchive(method: "test", classNames: []), prefix: "s.")
            try ClassContrast(settings: settings).fitted(to: sample.known()).model.write(to: &archive)
            return try archive.matrix("bank").rows
        }
        #expect(try kept(ContrastSettings(rowsPerClass: 10)) == 40)
        #expect(try kept(ContrastSettings(rowsPerClass: 10, maximumRows: 25)) == 25)
        #expect(try kept(ContrastSettings(rowsPerClass: 1000)) == 240)
    }

    @Test func settingsAreChecked() {
        #expect(throws: NoveltyError.self) { try NoveltyScores.named("class-contrast", settings: #"{"neighbourShare": 0}"#) }
        #expect(throws: NoveltyError.self) { try NoveltyScores.named("class-contrast-energy", settings: #"{"shrinkage": 2}"#) }
    }
}
