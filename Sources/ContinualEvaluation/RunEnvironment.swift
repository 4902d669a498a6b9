import Foundation
import Matrices

/// What a run's timings depend on.
public enum RunEnvironment {
    /// The system, processor, threads and build of this process.
    public static func describe() -> [String: String] {
        var environment = [
            "os": ProcessInfo.processInfo.operatingSystemVersionString,
            "cores": String(ProcessInfo.processInfo.activeProcessorCount),
            "threads": String(Parallelism.threads),
        ]
        #if arch(x86_64)
            environment["architecture"] = "x86_64"
        #elseif arch(arm64)
            environment["architecture"] = "arm64"
        #endif
        #if DEBUG
            environment["build"] = "debug"
        #else
            environment["build"] = "release"
        #endif
        if let cpus = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let line = cpus.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
            let colon = line.firstIndex(of: ":")
        {
            environment["processor"] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return environment
    }

    #if canImport(Glibc)
        private static let thisProcess = __rusage_who_t(RUSAGE_SELF.rawValue)
    #else
        private static let thisProcess = RUSAGE_SELF
    #endif

    /// The most memory this process has held so far, in bytes; 0 where the system does not say.
    public static func peakResidentBytes() -> Int {
        var usage = rusage()
        guard getrusage(Self.thisProcess, &usage) == 0 else { return 0 }
        #if os(macOS)
            return Int(usage.ru_maxrss)
        #else
            return Int(usage.ru_maxrss) * 1024  // Linux counts kibibytes
        #endif
    }
}
