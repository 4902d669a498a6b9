import FeatureData
import Foundation
import Matrices

extension Calibration {
    /// The names of its tensors in a model file start with this.
    public static let prefix = "calibration."

    /// Puts the calibration into a model's archive: numbers as tensors, the rest as the attachment `calibration`.
    public func store(in archive: inout ModelArchive) throws {
        Self.remove(from: &archive)
        var tensors: [String: Matrix<Double>] = [:]
        func row(_ values: [Double]) -> Matrix<Double> { Matrix(rows: 1, columns: values.count, elements: values) }
        switch map {
        case .scaling(.temperature(let temperatures, let groups)):
            tensors["temperature"] = row(temperatures)
            tensors["groups"] = row(groups.map(Double.init))
        case .scaling(.vector(let scale, let bias)): (tensors["scale"], tensors["bias"]) = (row(scale), row(bias))
        case .scaling(.matrix(let weight, let bias)): (tensors["weight"], tensors["bias"]) = (weight, row(bias))
        case .oneVersusRest(let maps):
            // One line of numbers a class, one after another: isotonic steps differ in number.
            let lines = maps.map(\.numbers)
            tensors["maps"] = row(lines.flatMap(\.values))
            tensors["kinds"] = row(lines.map { Double($0.kind) })
            tensors["counts"] = row(lines.map { Double($0.values.count) })
        }
        for (name, matrix) in tensors { archive.tensors[Self.prefix + name] = ArchivedTensor(matrix) }
        try archive.attach(Stored(method: method, source: source), as: "calibration")
    }

    /// Takes a calibration out of an archive, if there is one.
    public static func remove(from archive: inout ModelArchive) {
        for name in archive.tensors.keys.filter({ $0.hasPrefix(prefix) }) { archive.tensors[name] = nil }
        archive.attachments["calibration"] = nil
    }

    /// The calibration of a model; `nil` where it has none.
    ///
    /// - Throws: `ModelArchiveError` where it is damaged or for another number of classes.
    public init?(archive: ModelArchive) throws {
        guard let stored = try archive.attachment("calibration", as: Stored.self) else { return nil }
        let classes = archive.classNames.count
        func values(_ name: String, _ count: Int? = nil) throws -> [Double] {
            try archive.doubleMatrix(Self.prefix + name, columns: count).elements
        }
        func bad(_ name: String, _ expected: String) -> ModelArchiveError {
            .shape(
                file: archive.path, tensor: Self.prefix + name, found: archive.tensors[Self.prefix + name]?.shape ?? [],
                expected: expected)
        }
        let map: Map
        switch stored.method {
        case .temperature, .taskTemperature:
            let groups = try values("groups", classes).map { Int(exactly: $0) ?? -1 }
            let temperatures = try values("temperature", (groups.max() ?? 0) + 1)
            guard groups.allSatisfy({ $0 >= 0 }), temperatures.allSatisfy({ $0 > 0 && $0.isFinite }) else {
                throw bad("temperature", "a temperature above 0 for each group")
            }
            map = .scaling(.temperature(temperatures, groups: groups))
        case .vector:
            map = .scaling(.vector(scale: try values("scale", classes), bias: try values("bias", classes)))
        case .matrix, .matrixODIR:
            let weight = try archive.doubleMatrix(Self.prefix + "weight", rows: classes, columns: classes)
            map = .scaling(.matrix(weight: weight, bias: try values("bias", classes)))
        case .platt, .beta, .isotonic, .histogram:
            let (kinds, counts) = (try values("kinds", classes), try values("counts", classes))
            let numbers = try values("maps")
            var (maps, start): ([BinaryMap], Int) = ([], 0)
            for (kind, count) in zip(kinds, counts) {
                guard let kind = Int(exactly: kind), let count = Int(exactly: count), count >= 0,
                    count <= numbers.count - start,
                    let map = BinaryMap(kind: kind, numbers: Array(numbers[start..<start + count]))
                else { throw bad("maps", "the numbers of one map a class") }
                maps.append(map)
                start += count
            }
            map = .oneVersusRest(maps)
        }
        self.init(method: stored.method, map: map, source: stored.source)
    }

    private struct Stored: Codable {
        var method: CalibrationMethod
        var source: Source
    }
}

extension BinaryMap {
    /// The map as a kind and numbers.
    fileprivate var numbers: (kind: Int, values: [Double]) {
        switch self {
        case .logistic(let slope, let intercept): (0, [slope, intercept])
        case .beta(let a, let b, let c): (1, [a, b, c])
        case .isotonic(let function): (2, function.inputs + function.values)
        case .histogram(let values): (3, values)
        }
    }

    /// - Returns: `nil` where the numbers are no map.
    fileprivate init?(kind: Int, numbers: [Double]) {
        guard numbers.allSatisfy(\.isFinite) else { return nil }
        switch (kind, numbers.count) {
        case (0, 2): self = .logistic(slope: numbers[0], intercept: numbers[1])
        case (1, 3): self = .beta(a: numbers[0], b: numbers[1], c: numbers[2])
        case (2, 2...) where numbers.count % 2 == 0:
            let (inputs, values) = (Array(numbers.prefix(numbers.count / 2)), Array(numbers.suffix(numbers.count / 2)))
            guard zip(inputs, inputs.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
            self = .isotonic(IsotonicRegression(inputs: inputs, values: values))
        case (3, 1...): self = .histogram(numbers)
        default: return nil
        }
    }
}
