import ArgumentParser
import Credence
import Foundation

/// `credence report`: results as something to look at.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a page with charts and tables of one run or of several side by side.",
        discussion: """
            Reads results.json of 'credence benchmark' (or folders that hold one) and the runs that 'credence exemplars \
            compare --output' wrote. Runs that differ in their seed alone become one line with an interval; the others \
            stand beside the first, with differences and tests of them. The page is one file that needs no other and no \
            network; in a folder, its charts stand beside it as SVG files.

            EXAMPLE
              credence report out/results.json --output out/report.html
              credence report clap-1 clap-2 clap-3 linear-1 linear-2 linear-3 --output comparison
              credence report out comparison.json --output page --title "Ten tasks of Tiny ImageNet"
            """)

    @Argument(help: ArgumentHelp("Files of results, or folders that hold results.json.", valueName: "results"), completion: .file())
    var results: [String]

    @Option(
        help: ArgumentHelp(
            "A folder for report.html and charts/*.svg, made if it does not exist; or a file ending in .html for the page alone.",
            valueName: "folder|file.html"), completion: .file())
    var output: String

    @Option(help: "The title of the page. Default: made from the data.")
    var title: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if results.isEmpty { throw ValidationError("name at least one file of results.") }
    }

    func run() throws {
        try common.run { terminal in
            var files = ResultFiles()
            for path in results { try files.add(path) }
            let report = Report(results: files.results, comparisons: files.comparisons, title: title)
            if ["html", "htm"].contains(URL(filePath: output).pathExtension.lowercased()) {
                try AtomicFile.write(report.page(), to: URL(filePath: output))
                terminal.say("wrote \(output)")
            } else {
                let folder = URL(filePath: output)
                let charts = folder.appending(path: "charts")
                try OutputCheck.makeFolder(charts.path)
                // The page last: where there is one, so are its charts.
                for chart in report.charts {
                    try Interruption.check()
                    try AtomicFile.write(chart.svgFile, to: charts.appending(path: "\(chart.name).svg"))
                }
                let page = folder.appending(path: "report.html")
                try AtomicFile.write(report.page(chartFolder: "charts"), to: page)
                terminal.say("wrote \(page.relativePath) and \(report.charts.count) charts")
            }
        }
    }
}

/// Results as files hold them.
private struct ResultFiles {
    private(set) var results: [BenchmarkResults] = []
    private(set) var comparisons: [SelectorComparison] = []

    /// What tells the two kinds of files apart.
    private struct Kind: Decodable {
        let version: Int
        let runs: [Nothing]?
        struct Nothing: Decodable {}
    }

    /// - Throws: `CommandFailure` naming the file: 66 where it is missing, 65 where it is something else.
    mutating func add(_ path: String) throws {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        let file = isThere && isFolder.boolValue ? URL(filePath: path).appending(path: "results.json").relativePath : path
        let data = try ClassLists.contents(file)
        do {
            let kind = try JSONDecoder().decode(Kind.self, from: data)
            guard kind.version == BenchmarkResults.currentVersion else {
                throw CommandFailure(.badData, "\(file): version \(kind.version), expected \(BenchmarkResults.currentVersion)")
            }
            if kind.runs == nil {
                results.append(try BenchmarkResults(json: data))
            } else {
                comparisons.append(try SelectorComparison(json: data))
            }
        } catch let error as DecodingError {
            throw CommandFailure(
                .badData,
                "\(file): neither results of 'benchmark' nor runs of 'exemplars compare' (\(Self.reason(error)))")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        let context: DecodingError.Context
        switch error {
        case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
        @unknown default: return "unreadable"
        }
        let place = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return (place.isEmpty ? "" : "\(place): ") + context.debugDescription
    }
}
