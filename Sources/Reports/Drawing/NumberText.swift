import Foundation

/// Numbers as a report prints them. The point is always a point, whatever the locale.
enum NumberText {
    /// `value` with `digits` after the point; "–" for nothing.
    static func fixed(_ value: Double?, _ digits: Int) -> String {
        guard let value, value.isFinite else { return "–" }
        let text = String(format: "%.\(digits)f", value)
        // A true minus, and none before zero.
        guard text.hasPrefix("-") else { return text }
        return text.contains { $0 != "-" && $0 != "0" && $0 != "." } ? "−" + text.dropFirst() : String(text.dropFirst())
    }

    /// A share as "67.9 %".
    static func percent(_ value: Double?, _ digits: Int = 1) -> String {
        guard let value, value.isFinite else { return "–" }
        return fixed(value * 100, digits) + "\u{A0}%"
    }

    /// The same with a sign.
    static func points(_ value: Double?) -> String { signed(value.map { $0 * 100 }, 1) }

    static func signed(_ value: Double?, _ digits: Int) -> String {
        guard let value, value.isFinite else { return "–" }
        let text = fixed(value, digits)
        return text.hasPrefix("−") || !text.contains { ("1"..."9").contains($0) } ? text : "+" + text
    }

    /// A probability: "0.031", "< 0.001".
    static func pValue(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        return value < 0.001 ? "<\u{A0}0.001" : fixed(value, 3)
    }

    static func seconds(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        switch value {
        case ..<0.001: return fixed(value * 1e6, 0) + "\u{A0}µs"
        case ..<1: return fixed(value * 1e3, value < 0.01 ? 1 : 0) + "\u{A0}ms"
        case ..<120: return fixed(value, value < 10 ? 2 : 1) + "\u{A0}s"
        case ..<7200: return fixed(value / 60, 1) + "\u{A0}min"
        default: return fixed(value / 3600, 1) + "\u{A0}h"
        }
    }

    static func bytes(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        let mebibytes = value / 1_048_576
        return mebibytes < 1024 ? fixed(mebibytes, 0) + "\u{A0}MiB" : fixed(mebibytes / 1024, 2) + "\u{A0}GiB"
    }

    /// Whole numbers in groups of three.
    static func count(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "−" : "") + ([digits] + groups).joined(separator: "\u{202F}")
    }

    /// A place in a drawing, to a tenth.
    static func place(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = Int((value * 10).rounded())
        let (whole, rest) = (tenths.magnitude / 10, tenths.magnitude % 10)
        return (tenths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : ".\(rest)")
    }
}
