import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing
import ZeroShot

@testable import HeadCombination

/// What every gate must do, whatever it decides by.
@Suite struct GateTests {
    private let world = Domains()

    enum Kind: String, CaseIterable, Sendable { case zeroShot, calibrated, image, batch }

    private func gate(_ kind: Kind) throws -> any CandidateGate {
        var densities = TaskDensities(dimension: world.dimension)
        try densities.add(world.rows(ofDomain: 0).features)
        let scales = [CalibratedGate.Scale(mean: 10, deviation: 3)]
        return switch kind {
        case .zeroShot: ZeroShotGate()
        case .calibrated: CalibratedGate(densities: densities, scales: scales)
        case .image: DistributionAwareGate(densities: densities)
        case .batch: DistributionAwareGate(densities: densities, divisor: 20, scope: .batch)
        }
    }

    private func gated(_ features: Matrix<Float>, variance: Double = 1) -> (LogitPosterior, GatedRows) {
        var stream = RandomStream(seed: 3)
        func random(_ columns: Int, _ f: (Double) -> Double) -> Matrix<Float> {
            Matrix((0..<features.rows).map { _ in (0..<columns).map { _ in Float(f(stream.gaussian())) } })
        }
        return (
            LogitPosterior(mean: random(3) { 2 * $0 + 5 }, variance: random(3) { variance * abs($0) }),
            GatedRows(features: features, learnt: random(3) { $0 }, candidates: random(4) { $0 })
        )
    }

    @Test(arguments: Kind.allCases)
    func amongLearntClassesTheHeadsOrderStands(_ kind: Kind) throws {
        let (head, rows) = gated(world.rows(ofDomain: 1).features)
        let joined = try gate(kind).join(head, rows)
        #expect(joined.classes == 7 && joined.rows == head.rows)
        #expect(joined.mean.elements.allSatisfy { $0.isFinite })
        #expect(joined.variance.elements.allSatisfy { $0 >= 0 && $0.isFinite })
        guard kind == .zeroShot || kind == .calibrated else { return }
        for row in 0..<head.rows {
            let shift = joined.mean[row, 0] - head.mean[row, 0]
            for k in 1..<3 { expectClose(joined.mean[row, k] - head.mean[row, k], shift, absolute: 1e-4) }
            #expect(Array(joined.variance.row(row).prefix(3)) == head.variance.row(row))
            #expect(joined.variance.row(row).suffix(4).allSatisfy { $0 == 0 })
            expectClose(
                joined.mean.row(row).suffix(4).map { $0 - joined.mean[row, 3] },
                rows.candidates.row(row).map { $0 - rows.candidates[row, 0] }, absolute: 1e-4)
        }
    }

    /// By the published rule a row of a candidate class is right exactly where zero-shot is.
    @Test func zeroShotsBestClassDecides() throws {
        let (head, rows) = gated(world.rows(ofDomain: 1).features, variance: 0)
        let best = ZeroShotGate().join(head, rows).mean.rowArgmaxima()
        let zeroShot = rows.learnt.appendingColumns(rows.candidates).rowArgmaxima()
        for row in best.indices {
            #expect(zeroShot[row] >= 3 ? best[row] == zeroShot[row] : best[row] == head.mean.rows(row..<row + 1).rowArgmaxima()[0])
        }
    }

    /// With variances, under the exact predictive probabilities: no row is taken from a candidate that zero-shot prefers.
    @Test func variancesTakeNoRowFromACandidate() throws {
        let (head, rows) = gated(world.rows(ofDomain: 1).features, variance: 4)
        let best = ZeroShotGate().join(head, rows).probabilities(.exact).rowArgmaxima()
        let zeroShot = rows.learnt.appendingColumns(rows.candidates).rowArgmaxima()
        for row in best.indices where zeroShot[row] >= 3 { #expect(best[row] == zeroShot[row]) }
    }

    @Test func theCalibratedGateSetsTheOddsOfTheTwoGroups() throws {
        let (head, rows) = gated(world.rows(ofDomain: 0).features, variance: 0)
        let gate = try #require(try self.gate(.calibrated) as? CalibratedGate)
        let probabilities = gate.join(head, rows).mean.softmax()
        for (row, odds) in gate.logOdds(rows).enumerated() {
            let learnt = probabilities.row(row).prefix(3).reduce(0.0) { $0 + Double($1) }
            expectClose(learnt, 1 / (1 + exp(-odds)), absolute: 1e-5)
        }
        var eager = gate
        eager.priorLogOdds = 2
        expectClose(eager.logOdds(rows), gate.logOdds(rows).map { $0 + 2 }, absolute: 1e-12)
    }

    @Test func aMixtureIsThatOfTheProbabilities() throws {
        let (head, rows) = gated(world.rows(ofDomain: 0).features)
        let zeroShot = rows.learnt.appendingColumns(rows.candidates)
        let weights = (0..<head.rows).map { Double($0) / Double(head.rows - 1) }
        let mixed = LogitPosterior.mixing(head, zeroShot: zeroShot, weights: weights)
        let (own, text) = (head.mean.softmax(), zeroShot.softmax())
        for (row, w) in weights.enumerated() {
            let expected = (0..<7).map { w * ($0 < 3 ? Double(own[row, $0]) : 0) + (1 - w) * Double(text[row, $0]) }
            expectClose(mixed.mean.row(row).map { exp(Double($0)) }, expected, absolute: 1e-6)
        }
        // All weight on zero-shot: its own probabilities and no variance; all on the head: its own variances.
        #expect(mixed.variance.row(0).allSatisfy { $0 == 0 })
        expectClose(mixed.variance.row(head.rows - 1).prefix(3), head.variance.row(head.rows - 1), relative: 1e-5)
    }

    @Test(arguments: [Kind.zeroShot, .calibrated, .image])
    func aRowsAnswerDoesNotDependOnOtherRows(_ kind: Kind) throws {
        let features = world.rows(ofDomain: 1).features
        let (head, rows) = gated(features)
        let together = try gate(kind).join(head, rows)
        for row in 0..<features.rows {
            let one = row..<row + 1
            let alone = try gate(kind).join(
                LogitPosterior(mean: head.mean.rows(one), variance: head.variance.rows(one)),
                GatedRows(
                    features: features.rows(one), learnt: rows.learnt.rows(one), candidates: rows.candidates.rows(one)))
            expectClose(alone.mean.row(0), together.mean.row(row), absolute: 1e-4)
        }
    }

    /// Two clouds a few deviations apart: the fit must use what tells them apart, and never against its sign.
    @Test func fittedCoefficientsTellTheSidesApart() throws {
        var stream = RandomStream(seed: 5)
        let labels = (0..<400).map { $0 % 2 }
        let text = Matrix<Float>(labels.map { label in [Float(stream.gaussian()) + (label == 0 ? 1 : -1), 0] })
        func examples(_ step: Double) -> GateExamples {
            GateExamples(
                typicality: labels.map { stream.gaussian() + ($0 == 0 ? 0 : step) }, head: LogitPosterior(mean: text),
                text: text, isUnknown: [false, true], labels: labels)
        }
        let group = examples(-3)
        let found = try #require(CalibratedGate.Coefficients.fit([group]))
        // Equal covariances: the slopes of linear discriminant analysis, 3 and 2; standard errors are near 0.4.
        expectClose(found.density, 3, absolute: 1.3)
        expectClose(found.text, 2, absolute: 1.3)
        // A group counts by itself, however many rows it has.
        let twice = try #require(CalibratedGate.Coefficients.fit([group, group]))
        expectClose(twice.density, found.density, relative: 1e-6)
        #expect(GateExamples(table: group.table) == group)

        let kept = try #require(CalibratedGate.Coefficients.fit([examples(3)]))
        #expect(kept.density == 0 && kept.text > 0.5)
        #expect(CalibratedGate.Coefficients.fit([]) == nil)
        let oneSide = GateExamples(
            typicality: [1], head: LogitPosterior(mean: text.rows(0..<1)), text: text.rows(0..<1), isUnknown: [false, true],
            labels: [0])
        #expect(CalibratedGate.Coefficients.fit([oneSide]) == nil)
    }

    /// A head sure of itself takes rows from unknown classes among which zero-shot is undecided: the constant comes down until
    /// these are answered right as often as by zero-shot, and stays where densities see to that already.
    @Test func unknownClassesLoseNothing() throws {
        var stream = RandomStream(seed: 6)
        let labels = (0..<1000).map { $0 % 5 }
        let isUnknown = [false, false, true, true, true]
        let text = Matrix<Float>(
            labels.map { label in (0..<5).map { Float(stream.gaussian()) + ($0 == label ? 1 : 0) } })
        let head = LogitPosterior(mean: Matrix<Float>(labels.map { _ in [9, 0, 0, 0, 0] }))
        func answered(_ density: Double) throws -> (right: Int, byZeroShot: Int, odds: [Double]) {
            let group = GateExamples(
                typicality: labels.map { stream.gaussian() - (isUnknown[$0] ? density : 0) }, head: head, text: text,
                isUnknown: isUnknown, labels: labels)
            let found = try #require(CalibratedGate.Coefficients.fit([group]))
            let odds = labels.indices.map {
                found.constant + found.density * group.typicality[$0] + found.text * group.lead[$0]
            }
            // As the joined posterior has it.
            let right = labels.indices.count { row in
                guard isUnknown[labels[row]] else { return false }
                let candidates = (2..<5).map { Double(text[row, $0]) }
                let best = exp(Double(text[row, labels[row]])) / candidates.reduce(0) { $0 + exp($1) }
                let learnt = 1 / (1 + exp(-9.0))
                return candidates.max() == Double(text[row, labels[row]]) && exp(odds[row]) * learnt < best
            }
            let alone = labels.indices.count { isUnknown[labels[$0]] && text.row($0).max() == text[$0, labels[$0]] }
            return (right, alone, odds)
        }
        let weak = try answered(0)
        #expect(weak.right == weak.byZeroShot)
        // A fit alone would put as many rows of either group on the right side.
        #expect(weak.odds.reduce(0, +) / 1000 < -0.3)
        let strong = try answered(8)
        #expect(strong.right > strong.byZeroShot + 20)
    }
}
