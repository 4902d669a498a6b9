/// Every selector by name: a new one is a file in `Selectors` and a line here.
public enum ExemplarSelectors {
    /// In the order of reports.
    public static var all: [any ExemplarSelector] {
        [
            RandomExemplars(), HerdingExemplars(), HerdingExemplars(space: .logits), NearestMeanExemplars(),
            KCenterExemplars(), KMeansPlusPlusExemplars(), KMedoidsExemplars(), FacilityLocationExemplars(),
            FeatureCoverageExemplars(), GraphCutExemplars(), DeterminantalExemplars(), EntropyExemplars(),
            LeastConfidenceExemplars(), MarginExemplars(), MutualInformationExemplars(), BatchBALDExemplars(),
            EnergyExemplars(), DistanceExemplars(), VarianceExemplars(), EntropyVarianceExemplars(),
            GradientDiversityExemplars(), RainbowExemplars(), PrototypeBoundaryExemplars(), UncertainDiverseExemplars(),
        ]
    }

    /// The selector of the given name.
    public static func named(_ name: String) -> (any ExemplarSelector)? { all.first { $0.name == name } }
}
