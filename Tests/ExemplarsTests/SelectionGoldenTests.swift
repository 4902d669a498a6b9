import Foundation
import Matrices
import TestSupport
import Testing

@testable import Exemplars

/// Greedy selections against apricot, submodlib, scikit-learn and the textbook formulas: the same rows in the same order.
@Suite(.enabled(if: !Golden.cases("selection").isEmpty, "golden selections are not there"))
struct SelectionGoldenTests {
    private static let cases = Golden.cases("selection")

    private func expect(_ found: Selection, _ golden: GoldenCase, _ name: String, gains: String = "gains") throws {
        #expect(found.indices == (try golden.integers("out.\(name).indices")), "\(name)")
        let expected = try golden.values("out.\(name).\(gains)", of: Double.self)
        expectClose(found.gains, expected, absolute: 1e-9 * (expected.map { abs($0) }.max() ?? 1))
    }

    @Test(arguments: cases)
    func submodularFunctions(name: String) throws {
        let golden = try Golden.load("selection", name)
        let features: Matrix<Double> = try golden.matrix("in.features")
        let k = try golden.integers("out.facility_location.indices").count
        try expect(FacilityLocation.select(k, of: features), golden, "facility_location")
        try expect(FeatureCoverage.select(k, of: features, concave: .squareRoot), golden, "feature_based_sqrt")
        try expect(FeatureCoverage.select(k, of: features, concave: .logarithm), golden, "feature_based_log")
        for lambda in [2.0, 10.0] {
            try expect(GraphCut.select(k, of: features, lambda: lambda), golden, "graph_cut\(lambda)")
        }
    }

    @Test(arguments: cases)
    func coveringAndHerding(name: String) throws {
        let golden = try Golden.load("selection", name)
        let features: Matrix<Double> = try golden.matrix("in.features")
        let k = try golden.integers("out.k_center.indices").count
        try expect(KCenter.select(k, of: features), golden, "k_center", gains: "radius_after")
        try expect(Herding.select(k, of: features, normalizesMean: false), golden, "herding", gains: "distances")
        try expect(Herding.select(k, of: features), golden, "herding_normalised_mean", gains: "distances")
        let uniforms = try golden.values("in.kmeanspp_uniforms", of: Double.self)
        try expect(
            KMeansPlusPlus.select(k, of: features) { uniforms[$0] }, golden, "kmeanspp", gains: "potential_after")
    }

    @Test(arguments: cases)
    func determinants(name: String) throws {
        let golden = try Golden.load("selection", name)
        let features: Matrix<Double> = try golden.matrix("in.features")
        let quality = try golden.values("in.dpp_quality", of: Double.self)
        let k = try golden.integers("out.dpp.indices").count
        for (addsIdentity, key) in [(false, "dpp"), (true, "dpp_identity_plus")] {
            try expect(
                DeterminantalPointProcess.select(k, of: features, quality: quality, addsIdentity: addsIdentity), golden,
                key, gains: "log_gains")
        }
    }

    @Test(arguments: cases)
    func batchBALD(name: String) throws {
        let golden = try Golden.load("selection", name)
        let samples = try probabilitySamples(golden)
        let expected: Matrix<Double> = try golden.matrix("out.batchbald.joint_scores")
        let indices = try golden.integers("out.batchbald.indices")
        #expect(BatchBALD.select(indices.count, of: samples).indices == indices)
        var search = BatchBALD.Search(samples, seed: 1)
        for (step, index) in indices.enumerated() {
            expectClose(search.scores(), expected.row(step), absolute: 1e-12)
            search.take(index, limit: 100_000)
        }
    }

    /// Outcomes that are drawn give the exact scores within a few standard errors: here within 0.02 nats with 4,000.
    @Test(arguments: cases)
    func drawnOutcomesOfBatchBALD(name: String) throws {
        let golden = try Golden.load("selection", name)
        let indices = try golden.integers("out.batchbald.indices")
        var many = BatchBALD.Search(try probabilitySamples(golden), seed: 5)
        many.take(indices[0], limit: 2)
        many.take(indices[1], limit: 4000)
        let expected: Matrix<Double> = try golden.matrix("out.batchbald.joint_scores")
        expectClose(many.scores(), expected.row(2), absolute: 0.02)
    }

    private func probabilitySamples(_ golden: GoldenCase) throws -> [Matrix<Double>] {
        let shape = try golden.file.tensor("in.probability_samples").shape
        let values = try golden.values("in.probability_samples", of: Double.self)
        let size = shape[1] * shape[2]
        return (0..<shape[0]).map {
            Matrix(rows: shape[1], columns: shape[2], elements: Array(values[$0 * size..<($0 + 1) * size]))
        }
    }
}
