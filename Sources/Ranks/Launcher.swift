import Foundation

/// What the environment says of the launcher that started this process as one of several.
public enum Launcher {
    /// The number of processes that `mpirun` started together, by Open MPI's `OMPI_COMM_WORLD_SIZE`; nil without it.
    public static var size: Int? { number("OMPI_COMM_WORLD_SIZE") }
    /// Which of them this one is, known before MPI is: `OMPI_COMM_WORLD_RANK` or PMIx's `PMIX_RANK`.
    public static var rank: Int? { number("OMPI_COMM_WORLD_RANK") ?? number("PMIX_RANK") }

    /// How many of them are on this machine, by `OMPI_COMM_WORLD_LOCAL_SIZE`.
    public static var localSize: Int? { number("OMPI_COMM_WORLD_LOCAL_SIZE") }

    /// Whether a launcher of MPI started this process. MPI is left alone otherwise: a process by itself would start a
    /// daemon of its own.
    static var isPresent: Bool { size != nil || number("PMIX_RANK") != nil }

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
}
