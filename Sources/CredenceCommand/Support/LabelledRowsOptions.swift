import ArgumentParser
import Credence
import Foundation

/// The options that say which labelled rows a model is calibrated on or measured by.
struct LabelledRowsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The data folder.", valueName: "dir"), completion: .directory)
    var data: String?

    @Option(help: "Which rows of the folder: train or test. Take rows that the model did not learn from.")
    var split = Dataset.Split.test

    @Option(
        help: ArgumentHelp(
            """
            One of several random parts of the rows, such as 1/2: calibrate on one part, evaluate on another with the \
            same --seed. Default: all rows.
            """, valueName: "i/n"))
    var part: RowPart?

    /// - Throws: `ValidationError` without --data.
    func require() throws {
        guard data != nil else { throw ValidationError("--data <dir> is missing.") }
    }
}

extension Dataset.Split: ExpressibleByArgument {}

/// Part `index` of `count`, 1-based.
struct RowPart: ExpressibleByArgument {
    let index: Int
    let count: Int

    init(_ index: Int, of count: Int) {
        (self.index, self.count) = (index, count)
    }

    init?(argument: String) {
        let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let index = numbers[0], let count = numbers[1], count >= 1,
            (1...count).contains(index)
        else { return nil }
        (self.index, self.count) = (index, count)
    }

    /// Tells row after row of `rows` whether it is in this part: a random cut into parts that differ by one row at most.
    func selection(rows: Int, seed: UInt64) -> RowSelection {
        let sizes = (0..<count).map { rows / count + ($0 < rows % count ? 1 : 0) }
        return RowSelection(sizes: sizes, chosen: index - 1, seed: seed)
    }
}

/// A random cut of rows into parts of given sizes, decided row by row in constant memory: a row goes to a part with the
/// probability of the places that are left there (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
struct RowSelection {
    private var left: [Int]
    private let chosen: Int
    private var stream: RandomStream

    init(sizes: [Int], chosen: Int, seed: UInt64) {
        left = sizes
        self.chosen = chosen
        stream = RandomStream(seed: seed)
    }

    /// Whether the next row is in the chosen part. Beyond the last row: false.
    mutating func next() -> Bool {
        let total = left.reduce(0, +)
        guard total > 0 else { return false }
        var place = stream.integer(below: total)
        for part in left.indices {
            if place < left[part] {
                left[part] -= 1
                return part == chosen
            }
            place -= left[part]
        }
        return false
    }
}

/// Labelled rows of classes that a model knows, block by block, with the model's predictions for them.
struct LabelledRows {
    let head: any Head
    let folder: String
    private let rows: FeatureRows
    private let part: RowPart?
    private let seed: UInt64
    /// At most that many rows of the part, chosen at random.
    private let limit: Int?
    /// The place in the model of each class of the data; `nil` for classes it does not know.
    private let places: [Int?]

    /// - Throws: `FeatureDataError`, or `CommandFailure` where the data do not fit the model.
    init(_ options: LabelledRowsOptions, head: any Head, model: String, seed: UInt64, limit: Int? = nil) throws {
        try options.require()
        folder = options.data ?? ""
        let dataset = try Dataset.open(URL(filePath: folder), splits: [options.split])
        rows = try dataset.rows(options.split)
        guard rows.dimension == head.featureDimension else {
            throw CommandFailure(
                .badData,
                "\(folder): rows of length \(rows.dimension), the model \(model) expects \(head.featureDimension)")
        }
        guard rows.hasLabels else {
            throw CommandFailure(.badData, "\(folder): the \(options.split.rawValue) rows have no labels")
        }
        places = dataset.classNames.map { head.classNames.firstIndex(of: $0) }
        guard places.contains(where: { $0 != nil }) else {
            throw CommandFailure(.badData, "\(folder): the model \(model) knows none of its classes")
        }
        (part, self.seed, self.limit) = (options.part, seed, limit)
        self.head = head
    }

    /// Rows in the files, whether taken or not.
    var count: Int { rows.count }

    /// Rows of the part, before the limit.
    var countInPart: Int {
        part.map { rows.count / $0.count + ($0.index - 1 < rows.count % $0.count ? 1 : 0) } ?? rows.count
    }

    /// A block of predictions for rows of known classes.
    struct Block {
        var features: Matrix<Float>
        var posterior: LogitPosterior
        /// Places in the model.
        var labels: [Int]
        /// Rows read up to here.
        var position: Int
        /// Rows left out of this block because the model does not know their class.
        var unknown: Int
    }

    func forEachBlock(_ body: (Block) throws -> Void) throws {
        var stream = rows.stream(blockRows: Classifier.blockRows)
        var inPart = part?.selection(rows: rows.count, seed: seed)
        var underLimit = limit.flatMap { limit in
            limit < countInPart ? RowSelection(sizes: [limit, countInPart - limit], chosen: 0, seed: seed &+ 2) : nil
        }
        while let block = try stream.next() {
            try Interruption.check()
            guard let labels = block.labels else { continue }
            var (chosen, own, unknown): ([Int], [Int], Int) = ([], [], 0)
            for row in 0..<block.count {
                guard inPart?.next() ?? true, underLimit?.next() ?? true else { continue }
                if let place = places[labels[row]] {
                    chosen.append(row)
                    own.append(place)
                } else {
                    unknown += 1
                }
            }
            guard !chosen.isEmpty || unknown > 0 else { continue }
            let features = chosen.count == block.count ? block.features : block.features.selectingRows(chosen)
            try body(
                Block(
                    features: features, posterior: try head.posterior(for: features), labels: own,
                    position: stream.position, unknown: unknown))
        }
    }
}

/// A checksum of labelled rows, to tell whether two sets are the same.
struct RowsFingerprint {
    private var fingerprint = Fingerprint()

    mutating func add(_ block: LabelledRows.Block) {
        block.features.withUnsafeElements { fingerprint.add(UnsafeRawBufferPointer($0)) }
        block.labels.withUnsafeBytes { fingerprint.add($0) }
    }

    var text: String { fingerprint.description }
}
