// HTML and SVG as a tree that is escaped where it is written. Our own: no package at hand writes SVG, and a template
// engine would escape text only where its author remembers to.

/// A piece of HTML or SVG. Text and attribute values are untrusted until `rendered` escapes them.
enum Markup: Sendable {
    case element(String, [(name: String, value: String)], [Markup])
    case text(String)
    /// Written as it is: the stylesheet and the script, which no data reach.
    case verbatim(String)

    /// An element whose attributes are given in order.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []) -> Markup {
        .element(name, attributes.map { ($0.key, $0.value) }, children)
    }

    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    /// Elements that have no end tag in HTML, and shapes, which need none in SVG.
    private static let closedAtOnce: Set<String> = ["meta", "path", "line", "rect", "circle", "polygon"]

    /// The text of the tree. O(its length).
    var rendered: String {
        var text = ""
        render(into: &text)
        return text
    }

    private func render(into result: inout String) {
        switch self {
        case .text(let text): result += Self.escaped(text)
        case .verbatim(let text): result += text
        case .element(let name, let attributes, let children):
            result += "<\(name)"
            for (name, value) in attributes { result += " \(name)=\"\(Self.escaped(value))\"" }
            if children.isEmpty, Self.closedAtOnce.contains(name) {
                result += "/>"
                return
            }
            result += ">"
            for child in children { child.render(into: &result) }
            result += "</\(name)>"
        }
    }

    /// Text that means itself in element content and in quoted attributes, of HTML and XML 1.0 alike. Characters that XML
    /// does not allow at all become U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result += " "
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
