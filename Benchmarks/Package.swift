// swift-tools-version: 6.1
import PackageDescription

/// The benchmarks are a package of their own, so that the library neither builds nor depends on them.
let package = Package(
    name: "credence-benchmarks",
    products: [
        .executable(name: "credence-benchmarks", targets: ["CredenceBenchmarks"]),
        .executable(name: "credence-study", targets: ["CredenceStudy"]),
    ],
    dependencies: [
        .package(name: "credence-toolkit", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "CredenceBenchmarks",
            dependencies: [
                .product(name: "Credence", package: "credence-toolkit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "CredenceStudy",
            dependencies: [
                .product(name: "Credence", package: "credence-toolkit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
