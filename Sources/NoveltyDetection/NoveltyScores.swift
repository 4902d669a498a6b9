import Foundation

/// The register of scores: a new score is one file and one line here.
public enum NoveltyScores {
    /// One of each with its default settings, unfitted, in the order of reports.
    public static let all: [any NoveltyScore & Codable] =
        ofLogits + ofVariance + ofFeatures + ofText + combinations

    /// Of the mean logits.
    private static let ofLogits: [any NoveltyScore & Codable] = [
        Energy(),
        WeightedEnergy(),
        MaximumSoftmaxProbability(),
        MaximumLogit(),
        Entropy(),
        GeneralizedEntropy(),
        Margin(),
        ODIN(),
        KLMatching(),
        OpenMax(),
    ]

    /// Of what the posterior does not know.
    private static let ofVariance: [any NoveltyScore & Codable] = [
        MutualInformation(),
        ExpectedEntropy(),
        LogitVariance(),
        ProbabilityVariance(),
        MaximumProbabilityVariance(),
        EnergySpread(),
        VariationRatio(),
    ]

    /// Of the feature rows.
    private static let ofFeatures: [any NoveltyScore & Codable] = [
        Mahalanobis(),
        RelativeMahalanobis(),
        MahalanobisPlusPlus(),
        ClusterDistance(),
        GaussianMixture(),
        TaskGaussians(),
        VirtualLogitMatching(),
        Residual(),
        KernelPrincipalComponents(),
        NearestNeighbours(),
        NearestNeighbourGuidance(),
        NeuralRelation(),
        SimplifiedHopfieldEnergy(),
        DecisionBoundaryDistance(),
        NeuralCollapse(),
        GradientNorm(),
        TextCosine(),
        CentreDistance(),
        IsolationForest(),
        RectifiedActivations(),
        ActivationShaping(),
        ActivationScaling(),
        DirectedSparsification(),
        VariationalRectification(),
        ClassContrast(),
        ClassContrastEnergy(),
    ]

    /// Of the feature rows beside text features.
    private static let ofText: [any NoveltyScore & Codable] = [
        MaximumConceptMatching(),
        NegativeLabels(),
    ]

    /// Of other scores.
    private static let combinations: [any NoveltyScore & Codable] = [
        RankAverage(),
        FisherCombination(),
        LogisticStacker(),
    ]

    /// Those that need a posterior and nothing else.
    public static var ofPosterior: [any NoveltyScore & Codable] { all.filter { $0.needs == .posterior } }

    /// The score with the given name and its default settings, unfitted; `nil` where there is none.
    public static func named(_ name: String) -> (any NoveltyScore & Codable)? { all.first { $0.name == name } }

    /// The score with the given name and some settings changed, such as `{"neighbours": 10}`.
    ///
    /// - Throws: `NoveltyError` (`unknownScore`, `setting`).
    public static func named(_ name: String, settings: String) throws -> any NoveltyScore & Codable {
        guard let score = named(name) else { throw NoveltyError.unknownScore(name) }
        return try changed(score, settings: settings)
    }

    private static func changed<Score: NoveltyScore & Codable>(
        _ score: Score, settings: String
    ) throws -> any NoveltyScore & Codable {
        func refuse(_ setting: String, _ found: Any, _ expected: String) -> NoveltyError {
            .setting(score: score.name, name: setting, found: "\(found)", expected: expected)
        }
        guard let changes = try? JSONSerialization.jsonObject(with: Data(settings.utf8)) as? [String: Any] else {
            throw refuse("the settings", settings, "a JSON object")
        }
        var all = try JSONSerialization.jsonObject(with: JSONEncoder().encode(score)) as? [String: Any] ?? [:]
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            guard all[name] != nil else {
                throw refuse(name, value, all.isEmpty ? "no settings" : "one of \(all.keys.sorted().joined(separator: ", "))")
            }
            all[name] = value
            let data = try JSONSerialization.data(withJSONObject: all, options: .sortedKeys)
            guard (try? JSONDecoder().decode(Score.self, from: data)) != nil else {
                throw refuse(name, value, "a value of the setting's type")
            }
        }
        let result = try JSONDecoder().decode(Score.self, from: JSONSerialization.data(withJSONObject: all))
        try result.checkSettings()
        return result
    }
}
