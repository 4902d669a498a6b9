// Checking class prompts.
import Foundation

/// A text file: prompts, class names and logit scale, and what is wrong with them.
struct TextCheck {
    private(set) var findings = DataFindings(about: "(text)")
    private(set) var summary: DataValidation.Text?
    /// Where there are sound ones.
    private(set) var classNames: [String]?

    init(_ url: URL) {
        guard let file = findings.collecting(.unreadable, { try TensorFile(contentsOf: url) }),
            let tensor = findings.collecting(.missing, { try file.tensor(named: ["text_features"]) })
        else { return }
        let names = findings.collecting(.classNames) { try ClassNames.of(file, beside: url) }
        if let names { classNames = names.list }
        guard findings.collecting(.shape, { try ClassPrompts.check(tensor) }) != nil else { return }
        let (classes, prompts) = (tensor.shape[0], tensor.shape.count == 3 ? tensor.shape[1] : 1)
        if let names = classNames, names.count != classes {
            findings.add(.error, .classNames, tensor.error("has \(classes) classes, but there are \(names.count) class names"))
        }
        let scale = checkLogitScale(file)
        var (scan, equal) = (RowScan(), EqualRows())
        scan.scan(tensor) { equal.add($1, group: 0, row: $0) } progress: { _ in }
        findings.add(scan.findings(about: tensor))
        checkEqualText(&equal, tensor, prompts)
        summary = DataValidation.Text(
            file: url.relativePath, classes: classes, promptsPerClass: prompts, dimension: tensor.columns,
            elementType: tensor.elementType, logitScale: scale, isLogitScaleStated: file.metadata["logit_scale"] != nil,
            smallestNorm: scan.soundRows > 0 ? scan.smallestNorm : nil,
            largestNorm: scan.soundRows > 0 ? scan.largestNorm : nil)
    }

    private mutating func checkLogitScale(_ file: TensorFile) -> Float? {
        guard let scale = findings.collecting(.logitScale, { try ClassPrompts.logitScale(file) }) else { return nil }
        func warn(_ reason: String) { findings.add(.warning, .logitScale, FeatureDataError(.badData, file.url, reason)) }
        if file.metadata["logit_scale"] == nil {
            warn("there is no logit_scale, \(ClassPrompts.defaultLogitScale) is assumed: expected that of the encoder")
        } else if scale < 7 {
            // The parameters that encoders keep: log(1/0.07) before training, log(100) at most.
            warn("logit_scale is \(scale): expected a factor, exp of the encoder's parameter; is it the logarithm?")
        }
        return scale
    }

    /// Classes whose prompts are all the same rows as those of another class.
    private mutating func checkEqualText(_ equal: inout EqualRows, _ tensor: StoredTensor, _ prompts: Int) {
        var shared: [Int: (count: Int, other: Int)] = [:]
        equal.forEachSet { places in
            let first = places[0].row / prompts
            for place in places where place.row / prompts != first {
                shared[place.row / prompts, default: (0, first)].count += 1
            }
        }
        let same = shared.filter { $0.value.count >= prompts }.sorted { $0.key < $1.key }
        guard !same.isEmpty else { return }
        func name(_ index: Int) -> String {
            classNames.flatMap { $0.indices.contains(index) ? "'\($0[index])'" : nil } ?? "class \(index)"
        }
        let shown = same.prefix(DataFinding.listed).map { "\(name($0.key)) as \(name($0.value.other))" }
            .joined(separator: ", ")
        findings.add(
            .warning, .equalText,
            tensor.error(
                "\(same.count) classes have the same text features as another: \(shown)"
                    + (same.count > DataFinding.listed ? ", …" : "")),
            count: same.count)
    }
}
