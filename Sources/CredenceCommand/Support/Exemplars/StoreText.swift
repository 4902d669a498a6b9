import Credence
import Foundation

/// What stores hold, in words and tables.
enum StoreText {
    static func summary(_ summary: SelectionSummary, store: String, encoding: FeatureEncoding) -> String {
        var text =
            "chose \(summary.added) of \(summary.candidates) rows, removed \(summary.removed); \(store) holds \(summary.rows) "
            + "rows of \(count(summary.classes, "class", "classes"))"
        if encoding != .float32, summary.added > 0 {
            text += "; \(encoding) lost \(loss(summary.relativeSquaredError)) (mean cosine \(Format.fixed(summary.meanCosine, 5)))"
        }
        return text
    }

    /// A relative squared error as a share.
    static func loss(_ relativeSquaredError: Double) -> String {
        String(format: "%.2g of the squared norm", relativeSquaredError)
    }

    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    static func statistics(_ statistics: StoreStatistics) -> String {
        var lines = [
            "\(statistics.file): \(statistics.rows) rows (\(statistics.pinned) pinned) of "
                + "\(count(statistics.classes.count, "class", "classes")) in \(count(statistics.tasks.count, "task", "tasks"))",
            "features   length \(statistics.dimension), \(statistics.encoding), \(statistics.rowBytes) bytes a row, "
                + "\(Format.kibibytes(statistics.featureBytes)) in all",
            "file       \(Format.kibibytes(statistics.fileBytes))"
                + (statistics.logBytes > 0 ? " and a log of \(Format.kibibytes(statistics.logBytes))" : "")
                + ", schema version \(statistics.schemaVersion)",
            "budget     \(statistics.budget ?? "none")",
        ]
        if statistics.encoding != "f32" {
            lines.append(
                "encoding   lost \(loss(statistics.relativeSquaredError)), mean cosine "
                    + Format.fixed(statistics.meanCosine, 5))
        }
        lines += ["", "task  classes   rows  pinned"]
        lines += statistics.tasks.map {
            [right("\($0.position)", 4), right("\($0.classes)", 9), right("\($0.rows)", 7), right("\($0.pinned)", 8)].joined()
        }
        let width = max(5, statistics.classes.map(\.name.count).max() ?? 0)
        lines += ["", left("class", width) + "  task   rows  pinned"]
        lines += statistics.classes.map {
            left($0.name, width) + right("\($0.task)", 6) + right("\($0.rows)", 7) + right("\($0.pinned)", 8)
        }
        lines += ["", "selection  kind    selector                added   still  loss      budget"]
        lines += statistics.selections.map {
            right("\($0.number)", 9) + "  " + left($0.kind.rawValue, 8) + left($0.selector ?? "–", 20)
                + right("\($0.addedRows)", 9) + right("\($0.rows)", 8) + "  "
                + left(String(format: "%.2g", $0.relativeSquaredError), 10) + ($0.budget ?? "–")
        }
        return lines.joined(separator: "\n")
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
