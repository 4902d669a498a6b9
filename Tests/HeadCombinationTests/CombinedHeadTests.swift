import FeatureData
import Foundation
import Linear
import Matrices
import Prediction
import Probability
import RAIL
import TestSupport
import Testing
import ZeroShot

@testable import HeadCombination

@Suite struct CombinedHeadTests {
    private let world = Domains()

    private func combination(_ change: (inout CombinationRecipe) -> Void = { _ in }) throws -> CombinedHead<TestHeads> {
        var recipe = CombinationRecipe()
        change(&recipe)
        var linear = LinearRecipe()
        linear.epochs = 3
        linear.batchSize = 16
        return try CombinedHead(
            [
                LinearHead(recipe: linear, featureDimension: world.dimension),
                ZeroShotHead(featureDimension: world.dimension),
            ], recipe: recipe)
    }

    private func learnt(_ domains: Int, _ change: (inout CombinationRecipe) -> Void = { _ in }) throws
        -> CombinedHead<TestHeads>
    {
        var head = try combination(change)
        for domain in 0..<domains { try head.learn(world.task(domain), seed: 4) { _ in } }
        return head
    }

    @Test func heldOutRowsAreNotLearnt() throws {
        let head = try learnt(2)
        // A tenth of 30 rows of each of 8 classes.
        #expect(head.heldOutRows.counts(ofClasses: 8) == Array(repeating: 3, count: 8))
        #expect(try learnt(2) { $0.heldOutRows = 2 }.heldOutRows.counts(ofClasses: 8) == Array(repeating: 2, count: 8))
        // Exemplars that were held out stay so.
        let others = head.heldOut.excluding(from: world.rows(ofDomain: 0))
        #expect(others.count == 4 * 27)
        let own = Set(head.heldOutRows.features.elements.chunks(of: world.dimension))
        #expect(others.features.elements.chunks(of: world.dimension).allSatisfy { !own.contains($0) })
    }

    /// A part that can leave a row out afterwards learns all rows, and is weighed by its answers without each.
    @Test func rowsNeedNotBeHeldOutFromHeadsThatLeaveOneOut() throws {
        var recipe = RAILRecipe()
        recipe.hidden = 50
        let linear = try #require(try combination().parts.first)
        var head = try CombinedHead<TestHeads>([
            RAILPrimalHead(recipe: recipe, featureDimension: world.dimension), linear,
        ])
        for domain in 0..<2 { try head.learn(world.task(domain), seed: 4) { _ in } }
        let rail = try #require(head.parts[0] as? RAILPrimalHead)
        #expect(rail.rowCounts == Array(repeating: 30, count: 8))
        let rows = head.heldOutRows
        let fitted = CombinationWeights.fit(
            [try rail.leaveOneOutPosterior(of: rows), try head.parts[1].posterior(for: rows.features)],
            labels: rows.labels, tasks: head.taskOfClass)
        #expect(head.weights == fitted)
    }

    @Test func theCombinationIsTheWeightedSumOfItsParts() throws {
        let head = try learnt(2)
        let rows = world.rows(ofDomain: 1).features
        let posteriors = try head.parts.map { try $0.posterior(for: rows) }
        let (a, b) = (head.weights.scale * head.weights.heads[0], head.weights.scale * head.weights.heads[1])
        expectClose(
            try head.posterior(for: rows).mean, Float(a) * posteriors[0].mean + Float(b) * posteriors[1].mean,
            relative: 1e-5)
        #expect(head.combinedMethod == "linear+zero-shot")
        #expect(head.settings.contains { $0.name == "part 2 weight" })
    }

    @Test func candidatesFollowTheLearntClasses() throws {
        let head = try learnt(1)
        let open = try head.extended(to: world.prompts(ofDomain: 1))
        #expect(open.classNames == world.prompts.classNames)
        #expect(open.learnt == 4)
        let rows = world.rows(ofDomain: 1)
        #expect(try open.posterior(for: rows.features).classes == 8)
        let none = try head.extended(to: world.prompts.selecting([]))
        let (a, b) = (try head.posterior(for: rows.features), try none.posterior(for: rows.features))
        #expect(a.mean.elements == b.mean.elements && a.variance.elements == b.variance.elements)
        // Before anything is learnt: zero-shot.
        let fresh = try combination().extended(to: world.prompts)
        let zeroShot = try ZeroShotHead(world.prompts).posterior(for: rows.features)
        #expect(try fresh.posterior(for: rows.features).mean.elements == zeroShot.mean.elements)
    }

    /// Domains far apart: rows of the one to come are given to its classes, those of the learnt one to theirs.
    @Test func theCalibratedGateTellsDomainsApart() throws {
        let open = try learnt(1).extended(to: world.prompts(ofDomain: 1))
        for domain in 0..<2 {
            let rows = world.rows(ofDomain: domain)
            let best = try open.posterior(for: rows.features).mean.rowArgmaxima()
            let right = zip(best, rows.labels).count { ($0 < 4) == ($1 < 4) }
            #expect(Double(right) / Double(rows.count) > 0.9)
        }
    }

    @Test(arguments: [CombinationRecipe.Gate.zeroShot, .distributionAware(divisor: 24, scope: .batch), .calibrated])
    func savingAndLoadingChangesNoBit(_ gate: CombinationRecipe.Gate) throws {
        let head = try learnt(2) {
            $0.gate = gate
            $0.weights.taskPenalty = 0.1
        }
        let loaded = try CombinedHead<TestHeads>(archive: head.archive())
        #expect(loaded.recipe == head.recipe && loaded.weights == head.weights)
        let rows = world.rows(ofDomain: 0).features
        let extra = ClassPrompts(
            classNames: ["other"], features: [world.prompts.features[0]], logitScale: world.prompts.logitScale)
        let (a, b) = (try head.extended(to: extra).posterior(for: rows), try loaded.extended(to: extra).posterior(for: rows))
        #expect(a.mean.elements == b.mean.elements && a.variance.elements == b.variance.elements)
    }

    @Test func damagedArchivesAreRefused() throws {
        let whole = try learnt(2).archive()
        for name in ["gate.means", "gate.whitening", "held_out.features", "text_features", "parts.0.weights"] {
            var archive = whole
            archive.tensors[name] = nil
            #expect(throws: ModelArchiveError.self, "\(name)") { try CombinedHead<TestHeads>(archive: archive) }
        }
        var archive = whole
        archive.tensors["held_out.labels"] = ArchivedTensor(Array(repeating: 9, count: 24))
        #expect(throws: ModelArchiveError.self) { try CombinedHead<TestHeads>(archive: archive) }
        for (good, bad) in [("\"scale\":1", "\"scale\":-1"), ("\"method\":\"linear\"", "\"method\":\"other\"")] {
            var archive = whole
            archive.configurationJSON = archive.configurationJSON.replacing(good, with: bad)
            #expect(archive.configurationJSON != whole.configurationJSON)
            #expect(throws: ModelArchiveError.self, "\(bad)") { try CombinedHead<TestHeads>(archive: archive) }
        }
    }

    @Test func whatCannotBeIsRefused() throws {
        #expect(throws: HeadError.self) { try CombinedHead<TestHeads>([]) }
        #expect(throws: HeadError.self) { try CombinedHead<TestHeads>([ZeroShotHead(world.prompts)]) }
        #expect(throws: HeadError.featureDimension(expected: 3, found: 4)) {
            try CombinedHead<TestHeads>([ZeroShotHead(featureDimension: 3), ZeroShotHead(featureDimension: 4)])
        }
        #expect(throws: HeadError.self) { try combination { $0.heldOutShare = 1 } }
        let head = try learnt(1)
        #expect(throws: HeadError.classAlreadyKnown("a0")) { try head.extended(to: world.prompts(ofDomain: 0)) }
        var foreign = world.prompts(ofDomain: 1)
        foreign.logitScale = 50
        #expect(throws: HeadError.self) { try head.extended(to: foreign) }
        #expect(throws: HeadError.self) { try ExtendedHead(head, prompts: world.prompts(ofDomain: 1)) }
    }

    /// No rows to fit on: equal weights, and the gate as it comes.
    @Test func aSingleRowOfEachClassWorks() throws {
        var head = try combination()
        var task = world.task(0)
        task.rows = task.rows.selecting([0, 1, 2, 3])
        try head.learn(task, seed: 1) { _ in }
        #expect(head.heldOutRows.count == 0 && head.weights == .equal(2))
        #expect(head.gateCoefficients == .standard)
        let open = try head.extended(to: world.prompts(ofDomain: 1))
        #expect(try open.posterior(for: world.rows(ofDomain: 1).features).mean.elements.allSatisfy { $0.isFinite })
    }
}

/// The heads that test combinations are read with.
enum TestHeads: HeadCatalogue {
    static func load(_ archive: ModelArchive) throws -> any ArchivableHead {
        switch archive.method {
        case LinearHead.method: try LinearHead(archive: archive)
        case ZeroShotHead.method: try ZeroShotHead(archive: archive)
        default: throw ModelArchiveError.wrongMethod(file: "(test)", found: archive.method, expected: "linear")
        }
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<$0 + size]) }
    }
}
