import Credence

/// What can be learnt by several ranks together.
enum RankedLearning {
    /// - Throws: `CommandFailure` (64) where each rank would do all the work.
    static func check(_ method: MethodName) throws {
        guard !Parallelism.ranks.isAlone, !method.heads.contains(where: \.sharesRows) else { return }
        throw CommandFailure(
            .usage,
            "--method \(method.rawValue) does not share its rows out between ranks: start it without mpirun (clap and "
                + "rail-primal do)")
    }

    /// Whether each rank reads its share of the rows alone: where sums are all that is learnt of them. Else each has all rows,
    /// of which it works on its share.
    static func readsShares(_ file: ModelFile) -> Bool {
        !Parallelism.ranks.isAlone && file.head is RAILPrimalHead && file.exemplars.budget == 0
    }

    /// - Throws: `CommandFailure` (64) where all ranks would write one exemplar store.
    static func checkStore(_ store: String?) throws {
        guard let store, !Parallelism.ranks.isAlone else { return }
        throw CommandFailure(
            .usage, "--exemplars \(store): a store has one writer: start it without mpirun, or keep the rows in the model")
    }
}

extension HeadMethod {
    /// Whether several ranks learn it together.
    var sharesRows: Bool { self == .clap || self == .railPrimal }
}
