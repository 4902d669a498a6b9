import FeatureData
import Foundation
import Matrices
import Probability
import Testing

@testable import CLAP

/// Recipes by name and by JSON, and the batches they are trained on.
@Suite struct RecipeTests {
    @Test func everyNameHasARecipe() throws {
        for name in CLAPRecipe.names {
            let recipe = try #require(CLAPRecipe.named(name, featureDimension: 8))
            #expect(recipe.name == name)
            try recipe.validate()
            let again = try JSONDecoder().decode(CLAPRecipe.self, from: JSONEncoder().encode(recipe))
            #expect(again == recipe)
        }
        #expect(CLAPRecipe.named("best", featureDimension: 8) == nil)
    }

    @Test func settingsAreChangedByJSON() throws {
        let base = CLAPRecipe.default(featureDimension: 8)
        let json = """
            {"epochs": 7, "classPrior": {"deviation": 0.02, "sharedDeviation": 0.5}, "noise": "quasiRandom",
             "divergence": {"evidenceLowerBound": {"temperature": 2}}, "pseudoRehearsal": {"covariance": "full"}}
            """
        let recipe = try CLAPRecipe(base, overrides: Data(json.utf8))
        var expected = base
        expected.name = "default, changed"
        expected.epochs = 7
        expected.classPrior.deviation = 0.02
        expected.classPrior.sharedDeviation = 0.5
        expected.noise = .quasiRandom
        expected.divergence = .evidenceLowerBound(temperature: 2)
        expected.pseudoRehearsal?.covariance = .full
        #expect(recipe == expected)
        #expect(try CLAPRecipe(base, overrides: Data("{}".utf8)) == base)
    }

    @Test(arguments: [
        (#"{"epoch": 7}"#, "epoch"), (#"{"classPrior": {"sigma": 1}}"#, "classPrior.sigma"),
        (#"{"epochs": "many"}"#, "epochs"), (#"{"noise": "loud"}"#, "noise"), ("[]", "recipe"), ("", "recipe"),
    ])
    func wrongSettingsAreNamed(_ json: String, _ name: String) throws {
        do {
            _ = try CLAPRecipe(.default(featureDimension: 8), overrides: Data(json.utf8))
            Issue.record("\(json) was accepted")
        } catch CLAPError.invalidOption(let found, _, _) {
            #expect(found == name)
        }
    }

    @Test func settingsOutOfRangeAreRefused() {
        let changes: [(inout CLAPRecipe) -> Void] = [
            { $0.classPrior.deviation = 0 }, { $0.classPrior.previousVarianceFactor = -1 },
            { $0.classPrior.sharedDeviation = 0 }, { $0.pseudoRehearsal?.rank = 0 },
            { $0.pseudoRehearsal?.share = 1.5 }, { $0.pseudoRehearsal?.rowsPerClass = 0 }, { $0.minimumSteps = -1 },
            { $0.divergence = .evidenceLowerBound(temperature: -1) }, { $0.configuration.globalSamples = 2 },
            {
                $0.noise = .quasiRandom
                $0.sampling = .classVectors
            },
        ]
        for change in changes {
            var recipe = CLAPRecipe.default(featureDimension: 8)
            change(&recipe)
            #expect(throws: CLAPError.self) { try recipe.validate() }
        }
    }

    /// Classes come equally often; of an earlier class's rows the stated part are pseudo-rows, and of a class met again the
    /// new rows' part is theirs of all its rows. Of 3,000 draws, three quarters have a standard error of 24.
    @Test func rehearsalBatchesAreBalancedAndMixed() {
        func rows(_ labels: [Int]) -> LabelledFeatures {
            LabelledFeatures(features: Matrix(rows: labels.count, columns: 2), labels: labels)
        }
        // Class 0 has exemplars and pseudo-rows, class 1 new rows only, class 2 pseudo-rows only, class 3 new rows and
        // three times as many before, of which exemplars are left.
        let training = TrainingRows(
            task: rows([1, 1, 3]), exemplars: rows([0, 0, 3]), pseudo: rows([0, 0, 2, 2]), seen: [9, 0, 9, 3])
        var batches = RehearsalBatches(training, share: 0.75, random: RandomStream(seed: 1))
        var counts = [Int](repeating: 0, count: 10)
        for row in batches.next(12_000) { counts[row] += 1 }
        #expect(counts[3] + counts[4] + counts[6] + counts[7] == 3000)
        #expect(abs(counts[6] + counts[7] - 2250) < 120)
        #expect(counts[0] == 1500 && counts[1] == 1500 && counts[8] == 1500 && counts[9] == 1500)
        #expect(counts[2] + counts[5] == 3000)
        #expect(abs(counts[5] - 2250) < 120)
        #expect(abs(counts[3] - counts[4]) <= 1 && abs(counts[6] - counts[7]) <= 1)
    }
}
