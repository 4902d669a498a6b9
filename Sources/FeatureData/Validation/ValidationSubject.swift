// Which files there are to be checked, and which are missing.
import Foundation

/// The row files and the text file of what is validated.
struct ValidationSubject {
    var groups: [(name: String, files: DatasetLayout.SplitFiles)] = []
    var text: URL?
    var findings: [DataFinding] = []

    init(_ url: URL) {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        if isFolder.boolValue { lookInto(folder: url) } else { lookInto(file: url) }
    }

    /// A file by itself: class prompts where it holds some and nothing else, rows otherwise.
    private mutating func lookInto(file url: URL) {
        let tensors = (try? TensorFile(contentsOf: url))?.tensors.map(\.name) ?? []
        if tensors.contains("text_features") || tensors.contains(where: { $0.hasPrefix("text_features") }) {
            text = url
            if !tensors.contains("image_features") { return }
        }
        groups = [(url.relativePath, .init(features: [url]))]
    }

    private mutating func lookInto(folder: URL) {
        for split in Dataset.Split.allCases {
            if let files = layout(folder, [split])?.splits[split] { groups.append((split.rawValue, files)) }
        }
        text = layout(folder, [])?.text
        if groups.isEmpty, text == nil, findings.isEmpty, let files = try? FeatureRows.files(at: folder) {
            groups = [(folder.relativePath, .init(features: files))]
            return
        }
        func missing(_ severity: DataFinding.Severity, _ reason: String) {
            findings.append(DataFinding(severity, .missing, FeatureDataError(.inputMissing, folder, reason)))
        }
        for split in Dataset.Split.allCases where !groups.contains(where: { $0.name == split.rawValue }) {
            // A damaged set of shards is told already.
            guard findings.isEmpty else { continue }
            missing(
                groups.isEmpty ? .error : .warning, "the folder has no \(split) rows, expected \(split).safetensors")
        }
        if text == nil { missing(.error, "the folder has no text features, expected \(DatasetLayout.textNames[0])") }
    }

    private mutating func layout(_ folder: URL, _ splits: [Dataset.Split]) -> DatasetLayout? {
        do {
            return try DatasetLayout(folder, splits: splits)
        } catch let error as FeatureDataError {
            let finding = DataFinding(.error, error.kind == .inputMissing ? .missing : .unreadable, error)
            if !findings.contains(finding) { findings.append(finding) }
        } catch {
            findings.append(DataFinding(.error, .unreadable, FeatureDataError(.inputOutput, folder, "\(error)")))
        }
        return nil
    }
}
