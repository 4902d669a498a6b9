import ArgumentParser
import Credence
import Foundation

/// The command line: parses, runs one verb, and turns whatever went wrong into one line and an exit code.
@main
struct CredenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credence",
        abstract: "Keeps a classifier on vision-language features learning, and honest about what it knows.",
        discussion: """
            Learns classes task by task from CLIP-like image features, classifies with calibrated uncertainty, and \
            measures forgetting, calibration and novelty detection.

            EXAMPLE
              credence benchmark --data Examples/Data/fashion-mnist-mini --tasks 5 --output out
              credence classify --model out/model.safetensors --features images.safetensors
              mpirun -n 4 credence learn --model m.safetensors --data pets

            Built with the package trait MPI, learn, classify, novelty score and benchmark share their rows out between the \
            processes of one mpirun.

            Results go to standard output or the named file, progress and messages to standard error.
            Exit codes: 0 success, 64 bad usage, 65 bad data, 66 input missing, 70 internal error, 73 cannot create \
            output, 74 input or output failed, 130 interrupted.
            """,
        version: Version.current,
        subcommands: [
            LearnCommand.self, UnlearnCommand.self, MergeCommand.self, ClassifyCommand.self, CalibrateCommand.self, EvaluateCommand.self, NoveltyCommand.self,
            BenchmarkCommand.self, ReportCommand.self, ExemplarsCommand.self, ServeCommand.self, InspectCommand.self, DataCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            // Requests for help and mistakes in the arguments are argument-parser's; it does not know other errors.
            let isParsers = exitCode(for: error) != .failure || error is ExitCode
            if RankedRun.isJoined || !RankedRun.isFirst {
                RankedRun.end(
                    message: isParsers ? fullMessage(for: error) : "credence: \(ExitStatus.message(of: error))",
                    status: isParsers ? exitCode(for: error).rawValue : ExitStatus.of(error).rawValue)
            }
            guard !isParsers else { exit(withError: error) }
            FileHandle.standardError.write(Data("credence: \(ExitStatus.message(of: error))\n".utf8))
            Foundation.exit(ExitStatus.of(error).rawValue)
        }
    }
}

enum Version {
    static let current = "0.1.0"
}
