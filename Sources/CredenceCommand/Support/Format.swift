import Foundation

/// Numbers as the command line prints them for people.
enum Format {
    /// `value` with `digits` after the point; "–" for nothing.
    static func fixed(_ value: Double?, _ digits: Int) -> String {
        guard let value, value.isFinite else { return "–" }
        return String(format: "%.\(digits)f", value)
    }

    /// Seconds as "12 s", "3 min 05 s" or "2 h 07 min".
    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(String(format: "%02d", whole % 60)) s" }
        return "\(whole / 3600) h \(String(format: "%02d", whole % 3600 / 60)) min"
    }

    /// Bytes in KiB, rounded up.
    static func kibibytes(_ bytes: Int) -> String {
        "\((bytes + 1023) / 1024) KiB"
    }

    /// Bytes in MiB.
    static func mebibytes(_ bytes: Int) -> String {
        "\(bytes / (1 << 20)) MiB"
    }
}
