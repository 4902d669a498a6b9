import Foundation

/// What standard output can show: its width, and whether colours and characters beyond ASCII are welcome.
///
/// By the usual conventions: COLUMNS, NO_COLOR (no-color.org), TERM, and the locale of LC_ALL, LC_CTYPE or LANG.
struct ChartCanvas: Sendable, Hashable {
    /// A terminal that is more than a line printer.
    var isScreen: Bool
    /// In characters, at least 40.
    var width: Int
    var hasColour: Bool
    var hasUnicode: Bool

    init(isScreen: Bool, width: Int, hasColour: Bool, hasUnicode: Bool) {
        (self.isScreen, self.width) = (isScreen, max(40, width))
        (self.hasColour, self.hasUnicode) = (hasColour, hasUnicode)
    }

    /// - Parameter columns: of the terminal's window, where there is one.
    init(environment: [String: String], isTerminal: Bool, columns: Int?) {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let isScreen = isTerminal && set("TERM") != nil && set("TERM") != "dumb"
        let locale = (set("LC_ALL") ?? set("LC_CTYPE") ?? set("LANG") ?? "C").lowercased()
        self.init(
            isScreen: isScreen, width: set("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? columns ?? 80,
            hasColour: isScreen && set("NO_COLOR") == nil,
            hasUnicode: locale.contains("utf-8") || locale.contains("utf8"))
    }

    static var ofStandardOutput: ChartCanvas {
        var size = winsize()
        let hasSize = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return ChartCanvas(
            environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDOUT_FILENO) == 1,
            columns: hasSize ? Int(size.ws_col) : nil)
    }

    /// The few looks of a sketch; colour never says anything alone.
    enum Look: String {
        case heading = "1"
        case faint = "2"
        case remarkable = "33"
        case known = "36"
        case novel = "35"
    }

    func paint(_ text: String, _ look: Look) -> String {
        hasColour && !text.isEmpty ? "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// One of two ways to write something, by what the locale can show.
    func choose(_ unicode: String, _ ascii: String) -> String { hasUnicode ? unicode : ascii }
}

extension String {
    /// The text with spaces up to `width`, before it or after it.
    func padded(_ width: Int, left: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - count))
        return left ? spaces + self : self + spaces
    }
}
