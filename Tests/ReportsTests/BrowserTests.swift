import Foundation
import TestSupport
import Testing

@testable import Reports

/// The page in a real browser.
@Suite struct BrowserTests {
    private static let browser = ["chromium", "chromium-browser", "google-chrome"]
        .map { URL(filePath: "/usr/bin/\($0)") }.first { FileManager.default.isExecutableFile(atPath: $0.path) }

    private func dump(_ page: String, _ options: String...) throws -> CommandResult {
        let folder = try TemporaryFolder()
        let file = try folder.file("report.html", Array(page.utf8))
        return try runProgram(
            #require(Self.browser),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--user-data-dir=\(folder.path("profile").path)", "--enable-logging=stderr", "--virtual-time-budget=2000",
                "--dump-dom",
            ] + options + [file.absoluteString], timeout: 60)
    }

    @Test(.enabled(if: browser != nil, "no Chromium in /usr/bin"))
    func loadsWithoutAnErrorAndItsScriptRuns() throws {
        let names = ["<script>alert(1)</script>", "\"'&", "猫"]
        let report = Report(
            results: [
                SampleRuns.run(classNames: { names[$0 % 3] }), SampleRuns.run(method: "linear", shift: -0.02),
            ], comparisons: [SampleRuns.comparison])
        let result = try dump(report.page())
        #expect(result.status == 0)
        #expect(!result.stderr.contains("CONSOLE"), "\(result.stderr)")
        // The script has made its label and moved what the marks tell.
        #expect(result.stdout.contains("class=\"tip\""))
        let tips = result.stdout.components(separatedBy: "data-tip=").count - 1
        let titles = report.charts.reduce(0) { $0 + $1.svgFile.components(separatedBy: "<title>").count - 1 }
        #expect(tips == titles && tips > 100)
        #expect(result.stdout.components(separatedBy: "<svg").count - 1 == report.charts.count)
        #expect(!result.stdout.contains("<script>alert"))
    }

    /// That the check above would see an error: a script that the page's policy forbids is reported.
    @Test(.enabled(if: browser != nil, "no Chromium in /usr/bin"))
    func otherScriptsDoNotRun() throws {
        let page = Report(results: [SampleRuns.run()]).page()
            .replacingOccurrences(of: "</main>", with: "</main><script>document.title='changed'</script>")
        let result = try dump(page)
        #expect(result.stderr.contains("CONSOLE") && result.stderr.contains("Content Security Policy"))
        #expect(!result.stdout.contains("<title>changed"))
    }
}
