import Foundation
import TestSupport
import Testing

/// What the documents say is so: their code is the code that is built, their links lead somewhere.
@Suite struct DocumentationTests {
    private static let root = Golden.packageRoot
    private static let articles = root.appending(path: "Sources/Credence/Credence.docc")

    private static func text(_ url: URL) throws -> String {
        String(decoding: try Data(contentsOf: url), as: UTF8.self)
    }

    @Test(arguments: [
        ("AddAHead", "ClassMeansHead"), ("AddAScore", "NearestMeanDistance"), ("AddASelector", "TypicalExemplars"),
        ("AddADistribution", "Triangular"),
    ])
    func articlesShowTheCodeThatIsBuilt(article: String, file: String) throws {
        let article = try Self.text(Self.articles.appending(path: article + ".md"))
        let code = try Self.text(Self.root.appending(path: "Examples/OwnParts/\(file).swift"))
        #expect(article.contains("```swift\n" + code + "```\n"), "Examples/OwnParts/\(file).swift differs from its article")
    }

    /// The example's head, score, selector and distribution do what their articles say.
    @Test func ownPartsWork() throws {
        let executable = try #require(credenceExecutable).deletingLastPathComponent().appending(path: "OwnParts")
        let result = try runProgram(executable, [CommandLineTool.data])
        try #require(result.status == 0, "\(result.stderr)")
        let numbers = result.stdout.matches(of: /[0-9]+\.[0-9]+/).compactMap { Double($0.output) }
        // Average, last, ECE, two areas, mean, mean of draws, median.
        try #require(numbers.count == 8, "\(result.stdout)")
        #expect(numbers[0] > 0.8 && numbers[1] > 0.7 && numbers[2] < 0.2)
        #expect(numbers[3] > 0.85 && numbers[4] > 0.8)
        #expect(result.stdout.contains("50 exemplars\nthe same after reading: true\n"))
        // Means of 100,000 draws with the standard deviation 0.61: five standard errors.
        #expect(abs(numbers[5] - 0.5) < 1e-9 && abs(numbers[6] - 0.5) < 0.01 && abs(numbers[7] - 0.5) < 1e-9)
    }

    /// Every relative link of the documents in Markdown names a file that is there.
    @Test(arguments: ["README.md", "CONTRIBUTING.md", "Benchmarks/README.md"])
    func linksLeadSomewhere(document: String) throws {
        let url = Self.root.appending(path: document)
        let text = try Self.text(url)
        let targets = text.matches(of: /\]\(([^)#\s]+)[^)]*\)/).map { String($0.1) }
            + text.matches(of: /src="([^"]+)"/).map { String($0.1) }
        #expect(!targets.isEmpty || document != "README.md")
        for target in targets where !target.contains("://") {
            let file = url.deletingLastPathComponent().appending(path: target)
            #expect(FileManager.default.fileExists(atPath: file.path), "\(document): \(target)")
        }
    }

    /// Every verb is in the article on the command line.
    @Test func theCommandLineArticleHasEveryVerb() throws {
        let article = try Self.text(Self.articles.appending(path: "CommandLine.md"))
        let help = try runCommand(["--experimental-dump-help"])
        let told = try JSONSerialization.jsonObject(with: Data(help.stdout.utf8)) as? [String: Any]
        let verbs = ((told?["command"] as? [String: Any])?["subcommands"] as? [[String: Any]] ?? [])
            .compactMap { $0["commandName"] as? String }
        #expect(verbs.count > 8)
        for verb in verbs where verb != "help" { #expect(article.contains("credence \(verb)"), "\(verb)") }
    }
}
