// swift-tools-version: 6.1
import PackageDescription

/// The module map: dependencies point downwards only (see README, "Where things are").
let package = Package(
    name: "credence-toolkit",
    products: [
        .library(name: "Credence", targets: ["Credence"]),
        // Apart, so that users of the library do not build the HTTP packages.
        .library(name: "CredenceServing", targets: ["Serving"]),
        .executable(name: "credence", targets: ["CredenceCommand"]),
    ],
    traits: [
        .trait(name: "MPI", description: "Rows shared between the processes of mpirun; needs Open MPI (libopenmpi-dev)."),
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // C, system libraries. GSL is linked without its own CBLAS: OpenBLAS exports the same symbols and is far faster.
        .systemLibrary(name: "CGSL", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),
        .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("openblas")]),
        .target(name: "CKernels", cSettings: [.define("_GNU_SOURCE"), .headerSearchPath(".")]),
        // Open MPI with the trait, one rank by itself without it: Ranks is the same code in both builds.
        .systemLibrary(
            name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
        .target(
            name: "CMPI", dependencies: [.target(name: "COpenMPI", condition: .when(traits: ["MPI"]))],
            cSettings: [.define("CREDENCE_MPI", .when(traits: ["MPI"]))]),

        .target(name: "Matrices", dependencies: ["COpenBLAS", "CKernels"]),
        .target(name: "Probability", dependencies: ["Matrices", "CGSL", "CKernels"]),
        .target(name: "Ranks", dependencies: ["Matrices", "CMPI"]),
        .target(name: "FeatureData", dependencies: ["Matrices", "CKernels"]),
        .target(name: "Gradients", dependencies: ["Matrices", "Probability", "CKernels"]),
        .target(name: "Prediction", dependencies: ["FeatureData", "Probability", "Matrices", "CKernels"]),

        // Heads.
        .target(name: "ZeroShot", dependencies: ["Prediction"]),
        .target(name: "Linear", dependencies: ["Prediction", "Gradients"]),
        .target(name: "RAIL", dependencies: ["Prediction"]),
        .target(name: "CLAP", dependencies: ["Prediction", "Gradients", "CKernels"]),

        // Work on any head.
        .target(name: "HeadCombination", dependencies: ["Prediction"]),
        .target(name: "NoveltyDetection", dependencies: ["Prediction", "CKernels"]),
        .target(name: "Exemplars", dependencies: ["Prediction", "Probability", "CKernels"]),
        .target(
            name: "ExemplarStore",
            dependencies: ["Exemplars", "FeatureData", "CKernels", .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "ContinualEvaluation",
            dependencies: ["Prediction", "HeadCombination", "NoveltyDetection", "Exemplars", "CGSL"]),
        .target(name: "Reports", dependencies: ["ContinualEvaluation", "NoveltyDetection"]),

        // Model files of any head, and what is said about rows.
        .target(
            name: "Models",
            dependencies: [
                "FeatureData", "Prediction", "ZeroShot", "Linear", "CLAP", "RAIL", "HeadCombination", "NoveltyDetection",
                "Exemplars",
            ]),

        .target(
            name: "Credence",
            dependencies: [
                "Matrices", "Probability", "FeatureData", "Gradients", "Prediction", "ZeroShot", "Linear", "CLAP", "RAIL",
                "HeadCombination", "NoveltyDetection", "Exemplars", "ExemplarStore", "ContinualEvaluation", "Reports",
                "Models", "Ranks",
            ]),
        .target(
            name: "Serving",
            dependencies: [
                "Models", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "CredenceCommand",
            dependencies: [
                "Credence", "Serving", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Examples: swift run -c release NAME.
        .executableTarget(name: "EightSchools", dependencies: ["Credence"], path: "Examples/EightSchools"),
        .executableTarget(
            name: "BayesianLogisticRegression", dependencies: ["Credence"],
            path: "Examples/BayesianLogisticRegression"),
        .executableTarget(name: "OwnParts", dependencies: ["Credence"], path: "Examples/OwnParts"),

        .target(name: "TestSupport", dependencies: ["Matrices", "FeatureData"], path: "Tests/TestSupport"),
        .testTarget(name: "MatricesTests", dependencies: ["Matrices", "COpenBLAS", "CKernels", "TestSupport"]),
        .testTarget(name: "ProbabilityTests", dependencies: ["Probability", "CKernels", "CGSL", "TestSupport"]),
        .testTarget(name: "RanksTests", dependencies: ["Ranks", "CMPI", "TestSupport"]),
        .testTarget(name: "FeatureDataTests", dependencies: ["FeatureData", "TestSupport"]),
        .testTarget(name: "GradientsTests", dependencies: ["Gradients", "Probability", "TestSupport"]),
        .testTarget(name: "PredictionTests", dependencies: ["Prediction", "TestSupport"]),
        .testTarget(
            name: "HeadsTests", dependencies: ["HeadCombination", "Linear", "ZeroShot", "CLAP", "RAIL", "Exemplars", "TestSupport"]),
        .testTarget(name: "RAILTests", dependencies: ["RAIL", "TestSupport"]),
        .testTarget(name: "CLAPTests", dependencies: ["CLAP", "TestSupport"]),
        .testTarget(
            name: "HeadCombinationTests", dependencies: ["HeadCombination", "Linear", "RAIL", "ZeroShot", "TestSupport"]),
        .testTarget(name: "NoveltyDetectionTests", dependencies: ["NoveltyDetection", "TestSupport"]),
        .testTarget(name: "ExemplarsTests", dependencies: ["Exemplars", "TestSupport"]),
        .testTarget(
            name: "ExemplarStoreTests",
            dependencies: ["ExemplarStore", .product(name: "GRDB", package: "GRDB.swift"), "TestSupport"]),
        .testTarget(
            name: "ContinualEvaluationTests",
            dependencies: [
                "ContinualEvaluation", "HeadCombination", "Linear", "ZeroShot", "Probability", "TestSupport",
            ]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports", "ContinualEvaluation", "TestSupport"]),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Serving", "Models", "FeatureData", "NoveltyDetection", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .testTarget(
            name: "CommandTests", dependencies: ["CredenceCommand", "Credence", "TestSupport"], exclude: ["Snapshots"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)

// Scripts/run-notebooks builds the Swift cells of a notebook as executables of this package, on the library as built.
if let cells = Context.environment["CREDENCE_NOTEBOOK_CELLS"] {
    for name in cells.split(separator: ",").map(String.init) {
        package.targets.append(
            .executableTarget(name: name, dependencies: ["Credence"], path: ".build-notebooks/\(name)"))
    }
}

// Scripts/test-mpi runs this on real ranks.
if Context.environment["CREDENCE_RANKS_CHECK"] != nil {
    package.targets.append(
        .executableTarget(name: "RanksCheck", dependencies: ["Ranks", "Matrices"], path: "Tests/RanksCheck"))
}
