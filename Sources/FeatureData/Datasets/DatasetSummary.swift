import Foundation
import Matrices

/// What feature files hold and whether they are sound: the answer of `credence data inspect`.
///
/// Problems are collected, not thrown: a summary of a damaged folder names every file's first problem. Every feature row
/// is read once, in blocks.
public struct DatasetSummary: Sendable, Codable, Equatable {
    public var path: String
    public var files: [File]
    /// The classes of the text file, where there is one.
    public var classNames: [String]
    public var promptsPerClass: Int?
    public var logitScale: Float?
    public var featureDimension: Int?
    /// Prompts and test rows fit together, so that zero-shot classification works without learning.
    public var isZeroShotReady: Bool
    /// What is wrong with the set as a whole; what is wrong with one file stands there.
    public var problems: [String]

    /// No problem anywhere.
    public var isSound: Bool { problems.isEmpty && files.allSatisfy { $0.problem == nil } }

    public struct File: Sendable, Codable, Equatable {
        public var path: String
        public var bytes: Int
        /// nil where the file could not be opened.
        public var format: TensorFile.Format?
        public var tensors: [Tensor]
        /// Of feature rows, where the file has some.
        public var rows: Rows?
        public var problem: String?
    }

    public struct Tensor: Sendable, Codable, Equatable {
        public var name: String
        public var elementType: ElementType
        public var shape: [Int]
    }

    public struct Rows: Sendable, Codable, Equatable {
        public var count: Int
        public var dimension: Int
        /// Of the rows as stored, zero rows and rows with NaN or infinite numbers left out; 0 without any.
        public var smallestNorm: Double
        public var largestNorm: Double
        public var zeroRows: Int
        public var nonFiniteRows: Int
        /// Rows with the same bytes as an earlier row of the file (told by a 64-bit checksum).
        public var duplicateRows: Int
        /// Distinct labels and the smallest and largest number of rows of one, where there are labels.
        public var classes: Int?
        public var fewestRowsOfClass: Int?
        public var mostRowsOfClass: Int?
    }

    /// Looks into a data set folder, or a single file.
    ///
    /// - Throws: `FeatureDataError.inputMissing` where there is nothing at `url`.
    public init(of url: URL) throws {
        path = url.relativePath
        files = []
        problems = []
        classNames = []
        isZeroShotReady = false
        guard url.exists else { throw FeatureDataError(.inputMissing, url, "no such file or folder") }
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        guard isFolder.boolValue else {
            files = [File(url)]
            featureDimension = files[0].rows?.dimension
            return
        }
        for name in try DatasetLayout.fileNames(of: url)
        where ["safetensors", "npy", "npz"].contains((name as NSString).pathExtension) {
            files.append(File(url.appending(path: name)))
        }
        do {
            let dataset = try Dataset.open(url)
            classNames = dataset.classNames
            promptsPerClass = dataset.prompts.features.map(\.rows).max()
            logitScale = dataset.prompts.logitScale
            featureDimension = dataset.featureDimension
            for split in Dataset.Split.allCases where dataset.has(split) {
                let empty = try dataset.counts(split).filter { $0 == 0 }.count
                if empty > 0 { problems.append("\(empty) of \(classNames.count) classes have no \(split) rows") }
            }
            isZeroShotReady = dataset.has(.test) && files.allSatisfy { $0.problem == nil }
        } catch let error as FeatureDataError {
            if !files.contains(where: { $0.problem == error.description }) { problems.append(error.description) }
        }
    }
}

extension DatasetSummary.File {
    /// Looks into one file.
    init(_ url: URL) {
        self.init(path: url.relativePath, bytes: 0, format: nil, tensors: [], rows: nil, problem: nil)
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        bytes = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        do {
            let file = try TensorFile(contentsOf: url)
            format = file.format
            tensors = file.tensors.map { .init(name: $0.name, elementType: $0.elementType, shape: $0.shape) }
            if let features = file.tensors.first(where: { $0.shape.count == 2 && $0.elementType.isFloatingPoint }),
                file.tensors.contains(where: { $0.name == "image_features" }) || features.name.contains("features")
                    || file.format != .safetensors, !features.name.contains("text_features")
            {
                var labels = file.tensors.first { $0.name == "labels" }
                // Labels that do not fit are a problem, but not one that hides what the features are.
                if labels?.count != features.rows { labels = nil }
                rows = try DatasetSummary.Rows(features, labels: labels)
                _ = try FeatureRows(files: [url])
                if let first = try DatasetSummary.firstProblem(features, labels, rows) { throw first }
            }
        } catch {
            problem = "\(error)"
        }
    }
}

extension DatasetSummary {
    /// The error that reading the rows would end with.
    fileprivate static func firstProblem(
        _ features: StoredTensor, _ labels: StoredTensor?, _ rows: Rows?
    ) throws -> FeatureDataError? {
        guard let rows, rows.zeroRows + rows.nonFiniteRows > 0 || labels != nil else { return nil }
        var stream = try FeatureRows(
            [.init(features: features, labels: labels)], normalizing: false, classCount: nil
        ).stream(blockRows: 1024)
        do {
            while try stream.next() != nil {}
            return nil
        } catch let error as FeatureDataError {
            return error
        }
    }
}

extension DatasetSummary.Rows {
    fileprivate init(_ features: StoredTensor, labels: StoredTensor?) throws {
        self.init(
            count: features.rows, dimension: features.columns, smallestNorm: .infinity, largestNorm: 0, zeroRows: 0,
            nonFiniteRows: 0, duplicateRows: 0, classes: nil, fewestRowsOfClass: nil, mostRowsOfClass: nil)
        var seen: Set<UInt64> = []
        let rowBytes = features.columns * features.elementType.byteCount
        let blockRows = max(1, (1 << 18) / max(1, features.columns))
        for start in stride(from: 0, to: count, by: blockRows) {
            let range = start..<min(start + blockRows, count)
            let block = try features.matrix(of: Double.self, rows: range)
            for row in 0..<range.count {
                let norm = block.pointer.advanced(by: row * dimension).norm(dimension)
                if !norm.isFinite {
                    nonFiniteRows += 1
                } else if norm == 0 {
                    zeroRows += 1
                } else {
                    smallestNorm = min(smallestNorm, norm)
                    largestNorm = max(largestNorm, norm)
                }
            }
            features.withUnsafeBytes { bytes in
                for row in range {
                    var checksum = Fingerprint()
                    checksum.add(UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes]))
                    if !seen.insert(checksum.value).inserted { duplicateRows += 1 }
                }
            }
        }
        if smallestNorm > largestNorm { smallestNorm = 0 }
        if let labels, !labels.elementType.isFloatingPoint {
            var counts: [Int: Int] = [:]
            for label in try labels.integers() { counts[label, default: 0] += 1 }
            classes = counts.count
            fewestRowsOfClass = counts.values.min()
            mostRowsOfClass = counts.values.max()
        }
    }
}

extension UnsafePointer<Double> {
    fileprivate func norm(_ count: Int) -> Double {
        let squared = DoubleKernels.dot(self, self, count)
        if squared > 1e-200 && squared < 1e200 { return squared.squareRoot() }
        var largest = 0.0
        for index in 0..<count {
            guard self[index].isFinite else { return .nan }
            largest = Swift.max(largest, abs(self[index]))
        }
        guard largest > 0 else { return 0 }
        var sum = 0.0
        for index in 0..<count { sum += (self[index] / largest) * (self[index] / largest) }
        return sum.squareRoot() * largest
    }
}
