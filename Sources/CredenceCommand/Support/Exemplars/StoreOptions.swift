import ArgumentParser
import Credence
import Foundation

/// The store that a verb works on.
struct StoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The exemplar store.", valueName: "file"), completion: .file())
    var store: String

    @Option(
        help: ArgumentHelp("How long to wait while another process writes to the store.", valueName: "seconds"))
    var wait = 10.0

    func validate() throws {
        if !(wait >= 0 && wait <= 1e6) { throw ValidationError("--wait must be from 0 to 1000000, not \(wait).") }
    }

    var url: URL { URL(filePath: store) }

    func open(for access: ExemplarStore.Access) throws -> ExemplarStore {
        Self.letWritesFail()
        return try ExemplarStore(contentsOf: url, access: access, patience: wait)
    }

    /// Opens the store for writing, or makes it.
    func openOrCreate(dimension: Int, encoding: FeatureEncoding?) throws -> ExemplarStore {
        Self.letWritesFail()
        return try ExemplarStore.open(orCreateAt: url, dimension: dimension, encoding: encoding, patience: wait)
    }

    /// A write beyond the limit on file sizes shall fail, as on a full disk, instead of ending the process: SQLite then undoes
    /// the transaction.
    private static func letWritesFail() {
        signal(SIGXFSZ, SIG_IGN)
    }
}

/// How many rows to keep.
struct BudgetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Rows to keep in all, shared equally by the classes.", valueName: "rows"))
    var budget: Int?

    @Option(help: ArgumentHelp("Rows to keep of each class, instead of --budget.", valueName: "rows"))
    var perClass: Int?

    func validate() throws {
        if budget != nil, perClass != nil { throw ValidationError("Give --budget or --per-class, not both.") }
        if let budget, budget < 0 { throw ValidationError("--budget must not be negative, not \(budget).") }
        if let perClass, perClass < 0 { throw ValidationError("--per-class must not be negative, not \(perClass).") }
    }

    var given: ExemplarBudget? { budget.map { .total($0) } ?? perClass.map { .perClass($0) } }

    /// - Throws: `ValidationError` where neither is given.
    func required() throws -> ExemplarBudget {
        guard let given else { throw ValidationError("--budget <rows> or --per-class <rows> is missing.") }
        return given
    }
}

/// How features lie in a new store.
struct EncodingOptions: ParsableArguments {
    enum Name: String, ExpressibleByArgument, CaseIterable { case f32, f16, pq }

    @Option(
        help: """
            How a new store keeps features: f32, f16, or pq (product quantisation, one byte for each part of a row). \
            Default: f32; a store keeps its own.
            """)
    var encoding: Name?

    @Option(
        help: ArgumentHelp(
            "With pq: bytes of a row, a divisor of the features' length. Default: a quarter of it.", valueName: "bytes"))
    var pqBytes: Int?

    func validate() throws {
        if pqBytes != nil, encoding != .pq { throw ValidationError("--pq-bytes needs --encoding pq.") }
        if let pqBytes, pqBytes < 1 { throw ValidationError("--pq-bytes must be at least 1, not \(pqBytes).") }
    }

    /// - Throws: `ValidationError` where the bytes do not divide the length.
    func encoding(dimension: Int) throws -> FeatureEncoding? {
        switch encoding {
        case nil: return nil
        case .f32: return .float32
        case .f16: return .float16
        case .pq:
            guard let pqBytes else { return .productQuantization(dimension: dimension) }
            guard dimension % pqBytes == 0 else {
                throw ValidationError("--pq-bytes \(pqBytes) does not divide the features' length, \(dimension).")
            }
            return .productQuantization(bytes: pqBytes)
        }
    }
}

/// Which rows of a store a verb looks at.
struct ExemplarFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Classes, parted by commas. Default: all.", valueName: "names"))
    var classes: String?

    @Option(help: ArgumentHelp("Tasks by number, from 0, parted by commas. Default: all.", valueName: "numbers"))
    var tasks: String?

    @Flag(help: "Pinned rows only.")
    var pinned = false

    func validate() throws { _ = try filter() }

    func filter() throws -> ExemplarFilter {
        let numbers = try tasks.map { text in
            Set(
                try ClassLists.parse(text).map { word in
                    guard let number = Int(word), number >= 0 else {
                        throw ValidationError("--tasks \(text): '\(word)' is no task number.")
                    }
                    return number
                })
        }
        return ExemplarFilter(classes: classes.map { Set(ClassLists.parse($0)) }, tasks: numbers, pinnedOnly: pinned)
    }

    /// - Throws: `ExemplarStoreError.unknownClass`, `CommandFailure` for an unknown task.
    func check(_ filter: ExemplarFilter, against classes: [StoredClass], store: String) throws {
        if let name = filter.classes?.subtracting(classes.map(\.name)).sorted().first {
            throw ExemplarStoreError.unknownClass(file: store, name)
        }
        if let task = filter.tasks?.subtracting(classes.map(\.task)).sorted().first {
            throw CommandFailure(.badData, "\(store): there is no task \(task)")
        }
    }
}
