import ArgumentParser
import Credence

/// The options of RAIL's analytic heads.
struct RAILOptions: ParsableArguments {
    @Option(
        name: .customLong("lambda"),
        help: ArgumentHelp(
            """
            The regulariser: a number, or marginal-likelihood or leave-one-out to choose it at every task. \
            Default: \(RAILRecipe().regulariser), rail-dual \(RAILDualRecipe().regulariser).
            """, valueName: "number"))
    var regulariser: RidgeParameter?

    @Option(
        help: ArgumentHelp(
            "Mix scores with zero-shot probabilities as in the RAIL paper: the weight of the scores, 0 to 1.",
            valueName: "weight"))
    var fusionWeight: Float?

    @Option(
        help: """
            Random hidden units of rail-primal; 0 for ridge regression on the features themselves. \
            Default: \(RAILRecipe().hidden).
            """)
    var hidden: Int?

    @Option(
        help: """
            Precision of rail-primal's sums: single, mixed (products in single) or double. Default: by the condition of \
            the system.
            """)
    var precision: RidgePrecision?

    @Option(help: "Kernel of rail-dual: \(Kernel.names.joined(separator: ", ")). Default: gaussian.")
    var kernel: KernelName?

    @Option(
        help: ArgumentHelp(
            """
            The Gaussian kernel's gamma in exp(-gamma * distance^2): a number, or marginal-likelihood or leave-one-out. \
            Default: 0.3.
            """, valueName: "number"))
    var gamma: RidgeParameter?

    @Option(help: "Degree of the polynomial kernel, 3 by default, or order of the arc-cosine one: 0, 1 (default) or 2.")
    var degree: Int?

    @Option(help: "Offset c of the polynomial kernel (x * y + c)^degree. Default: 1.")
    var offset: Double?

    @Option(help: "Rows up to which rail-dual is exact. Default: \(RAILDualRecipe().exactRows).")
    var exactRows: Int?

    @Option(help: "Landmarks of rail-dual beyond that. Default: \(RAILDualRecipe().landmarks).")
    var landmarks: Int?

    @Option(help: "How landmarks are chosen. Default: random.")
    var landmarkSelection: LandmarkSelection?

    enum KernelName: String, ExpressibleByArgument, CaseIterable {
        case gaussian, linear, polynomial
        case arcCosine = "arc-cosine"
    }

    func validate() throws {
        if let fault = recipe.fault ?? dualRecipe.fault {
            throw ValidationError(fault.prefix(1).uppercased() + fault.dropFirst() + ".")
        }
        if offset != nil, kernel != .polynomial { throw ValidationError("--offset is the polynomial kernel's.") }
        if degree != nil, kernel != .polynomial, kernel != .arcCosine {
            throw ValidationError("--degree is the polynomial or the arc-cosine kernel's.")
        }
    }

    /// The primal recipe with what was given.
    var recipe: RAILRecipe {
        var recipe = RAILRecipe()
        if let hidden { recipe.hidden = hidden }
        if let regulariser { recipe.regulariser = regulariser }
        recipe.precision = precision
        recipe.fusionWeight = fusionWeight
        return recipe
    }

    /// The dual recipe with what was given.
    var dualRecipe: RAILDualRecipe {
        var recipe = RAILDualRecipe()
        switch kernel {
        case nil, .gaussian: break
        case .linear: recipe.kernel = .linear
        case .polynomial: recipe.kernel = .polynomial(degree: degree ?? 3, offset: offset ?? 1)
        case .arcCosine: recipe.kernel = .arcCosine(order: degree ?? 1)
        }
        recipe.gamma = gamma
        if let regulariser { recipe.regulariser = regulariser }
        if let exactRows { recipe.exactRows = exactRows }
        if let landmarks { recipe.landmarks = landmarks }
        if let landmarkSelection { recipe.landmarkSelection = landmarkSelection }
        recipe.fusionWeight = fusionWeight
        return recipe
    }

    /// The options that were given, with their values.
    var given: [(name: String, value: String)] {
        [
            ("--lambda", regulariser.map { "\($0)" }), ("--fusion-weight", fusionWeight.map { "\($0)" }),
            ("--hidden", hidden.map { "\($0)" }), ("--precision", precision?.rawValue), ("--kernel", kernel?.rawValue),
            ("--gamma", gamma.map { "\($0)" }), ("--degree", degree.map { "\($0)" }),
            ("--offset", offset.map { "\($0)" }), ("--exact-rows", exactRows.map { "\($0)" }),
            ("--landmarks", landmarks.map { "\($0)" }), ("--landmark-selection", landmarkSelection?.rawValue),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    static let ofPrimal = ["--hidden", "--precision"]
    static let ofDual = [
        "--kernel", "--gamma", "--degree", "--offset", "--exact-rows", "--landmarks", "--landmark-selection",
    ]
    static let names = ["--lambda", "--fusion-weight"] + ofPrimal + ofDual
}

extension RidgePrecision: ExpressibleByArgument {}
extension LandmarkSelection: ExpressibleByArgument {}

extension RidgeParameter: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}
