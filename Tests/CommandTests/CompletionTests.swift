import Foundation
import TestSupport
import Testing

/// What the argument parser gives beyond help: completions of three shells, manual pages, and their installation.
@Suite struct CompletionTests {
    private static func find(_ program: String) -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(filePath: String($0)).appending(path: program) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private static let bash = find("bash")
    private static let zsh = find("zsh")
    private static let fish = find("fish")
    private static let mandoc = find("mandoc")
    private static let groff = find("groff")
    private static let python = find("python3")

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func script(_ shell: String) throws -> URL {
        let result = try runCommand(["--generate-completion-script", shell])
        try #require(result.status == 0, "\(result.stderr)")
        return try folder.file("completion.\(shell)", Array(result.stdout.utf8))
    }

    private func check(_ shell: String) throws {
        let program = try #require(Self.find(shell))
        let checked = try runProgram(program, ["-n", script(shell).path])
        #expect(checked.status == 0 && checked.stderr == "", "\(checked.stderr)")
    }

    @Test(.enabled(if: bash != nil, "no bash here")) func bashAcceptsTheScript() throws { try check("bash") }
    @Test(.enabled(if: zsh != nil, "no zsh here")) func zshAcceptsTheScript() throws { try check("zsh") }
    @Test(.enabled(if: fish != nil, "no fish here")) func fishAcceptsTheScript() throws { try check("fish") }

    /// What bash offers for the last of `words`.
    private func offered(_ words: String...) throws -> Set<String> {
        let bash = try #require(Self.bash)
        let line = words.joined(separator: " ")
        let command = """
            source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE='\(line)'; COMP_POINT=\(line.count)
            compopt() { :; }
            _credence credence "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let result = try runProgram(bash, ["-c", command, script("bash").path] + words, folder: folder.url)
        #expect(result.status == 0, "\(result.stderr)")
        return Set(result.stdout.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
    }

    @Test(.enabled(if: bash != nil, "no bash here")) func bashCompletes() throws {
        #expect(try offered("credence", "cal") == ["calibrate"])
        #expect(try offered("credence", "novelty", "").isSuperset(of: ["fit", "score", "evaluate", "list"]))
        #expect(try offered("credence", "learn", "--exem") == ["--exemplars"])
        #expect(try offered("credence", "learn", "--method", "") == ["clap", "linear", "rail-dual", "rail-primal", "zero-shot"])
        #expect(try offered("credence", "learn", "--recipe", "no") == ["no-memory"])
        #expect(try offered("credence", "novelty", "fit", "--score", "maha").contains("mahalanobis"))
        #expect(try offered("credence", "exemplars", "select", "--selector", "k-").isSuperset(of: ["k-center", "k-medoids"]))
        _ = try folder.file("m.safetensors", [])
        try FileManager.default.createDirectory(at: folder.path("pets"), withIntermediateDirectories: false)
        #expect(try offered("credence", "evaluate", "--model", "m").contains("m.safetensors"))
        let folders = try offered("credence", "evaluate", "--data", "")
        #expect(folders.contains("pets") && !folders.contains("m.safetensors"))
    }

    @Test(.enabled(if: fish != nil, "no fish here")) func fishCompletes() throws {
        let fish = try #require(Self.fish)
        func offered(_ line: String) throws -> [String] {
            let result = try runProgram(
                fish, ["--no-config", "-c", "source \(script("fish").path); complete -C '\(line)'"],
                environment: ["HOME": folder.url.path], folder: folder.url)
            return result.stdout.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        }
        #expect(try offered("credence cal") == ["calibrate"])
        #expect(try offered("credence learn --recipe no") == ["no-memory"])
        #expect(try offered("credence learn --exem") == ["--exemplars"])
    }

    /// Every option that takes a file or a folder says so to the shells, and so does every choice.
    @Test func filesFoldersAndChoicesAreCompleted() throws {
        let help = try runCommand(["--experimental-dump-help"])
        let told = try JSONSerialization.jsonObject(with: Data(help.stdout.utf8)) as? [String: Any]
        func check(_ command: [String: Any]) throws {
            let name = command["commandName"] as? String ?? ""
            for argument in command["arguments"] as? [[String: Any]] ?? [] {
                let option = (argument["preferredName"] as? [String: Any])?["name"] as? String ?? "argument"
                let kinds = (argument["completionKind"] as? [String: Any])?.keys.map { $0 } ?? []
                switch argument["valueName"] as? String {
                case "file": #expect(kinds == ["file"], "\(name) \(option)")
                case "dir", "folder": #expect(kinds == ["directory"], "\(name) \(option)")
                default:
                    if argument["allValues"] != nil, name != "help" { #expect(kinds == ["list"], "\(name) \(option)") }
                }
            }
            for child in command["subcommands"] as? [[String: Any]] ?? [] { try check(child) }
        }
        try check(try #require(told?["command"] as? [String: Any]))
    }

    @Test(.enabled(if: python != nil, "no python3 here: the manual pages are not made"))
    func installsProgramPagesAndCompletions() throws {
        let executable = try #require(credenceExecutable)
        let install = Golden.packageRoot.appending(path: "Scripts/install")
        let installed = try runProgram(
            install, [executable.path, "/usr"], environment: ["DESTDIR": folder.url.path, "SOURCE_DATE_EPOCH": "0"])
        try #require(installed.status == 0, "\(installed.stderr)")
        let share = folder.path("usr/share")
        for file in [
            "bash-completion/completions/credence", "zsh/site-functions/_credence", "fish/vendor_completions.d/credence.fish",
            "man/man1/credence.1", "man/man1/credence-learn.1", "man/man1/credence-exemplars-select.1",
        ] { #expect(try !Data(contentsOf: share.appending(path: file)).isEmpty, "\(file)") }
        let version = try runProgram(folder.path("usr/bin/credence"), ["--version"])
        #expect(version.status == 0)

        let manual = share.appending(path: "man/man1")
        let pages = try FileManager.default.contentsOfDirectory(at: manual, includingPropertiesForKeys: nil)
        #expect(pages.count >= 26)
        let page = String(decoding: try Data(contentsOf: manual.appending(path: "credence-evaluate.1")), as: UTF8.self)
        #expect(page.contains(".TH CREDENCE\\-EVALUATE 1 1970-01-01"))
        #expect(page.contains("\\fB\\-\\-bootstrap\\fR") && page.contains(".SH EXIT STATUS"))
        let checkers = [(Self.mandoc, ["-Tlint", "-Wwarning"]), (Self.groff, ["-man", "-ww", "-Tutf8"])]
        for (checker, options) in checkers {
            guard let checker else { continue }
            let checked = try runProgram(checker, options + pages.map(\.path), environment: ["LC_ALL": "C.UTF-8"])
            let complaints = checker == Self.mandoc ? checked.stdout : checked.stderr
            #expect(checked.status == 0 && complaints == "", "\(complaints)")
        }
        if Self.mandoc == nil, Self.groff == nil { print("neither mandoc nor groff here: the pages are not checked") }

        let removed = try runProgram(
            install, ["--uninstall", executable.path, "/usr"], environment: ["DESTDIR": folder.url.path])
        #expect(removed.status == 0)
        let left = FileManager.default.enumerator(at: folder.path("usr"), includingPropertiesForKeys: nil)
        let files = try (left?.allObjects as? [URL] ?? [])
            .filter { try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true }
        #expect(files.isEmpty, "\(files)")
    }
}
