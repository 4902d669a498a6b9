import Credence
import Foundation

/// Class names as the user gives them: on the command line or in a file.
enum ClassLists {
    /// Names parted by commas.
    static func parse(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: true)
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// One name a line, or a JSON list.
    ///
    /// - Throws: `CommandFailure` (66 where the file cannot be read, 65 where it holds no list of names).
    static func read(_ path: String) throws -> [String] {
        let data = try contents(path)
        if path.lowercased().hasSuffix(".json") {
            guard let names = try? JSONDecoder().decode([String].self, from: data) else {
                throw CommandFailure(.badData, "\(path): expected a JSON list of class names")
            }
            return names
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure(.badData, "\(path): not UTF-8 text")
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    /// The first class name that two data sets have, with their folders.
    static func repeated(_ datasets: [Dataset]) -> (name: String, first: String, second: String)? {
        var owners: [String: String] = [:]
        for dataset in datasets {
            for name in dataset.classNames {
                if let other = owners.updateValue(dataset.folder.relativePath, forKey: name) {
                    return (name, other, dataset.folder.relativePath)
                }
            }
        }
        return nil
    }

    static func contents(_ path: String) throws -> Data {
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "no such file"
            throw CommandFailure(.inputMissing, "\(path): \(reason)")
        }
    }
}
