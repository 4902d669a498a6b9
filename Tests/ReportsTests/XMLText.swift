import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// An XML text read by a real parser.
final class XMLText: NSObject, XMLParserDelegate {
    private(set) var error: String?
    /// Names of the elements in order.
    private(set) var elements: [String] = []
    private(set) var attributes: [[String: String]] = []
    /// Text of the elements with that name, in order.
    private(set) var texts: [String: [String]] = [:]
    private var open: [(name: String, text: String)] = []

    init(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        if !parser.parse() { error = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "unknown")" }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append(name)
        self.attributes.append(attributes)
        open.append((name, ""))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if !open.isEmpty { open[open.count - 1].text += string }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if let last = open.popLast() { texts[name, default: []].append(last.text) }
    }

    /// The page without what only HTML has: the type line, and script and style, whose text is not XML's.
    static func ofPage(_ page: String) -> XMLText {
        var text = page.replacingOccurrences(of: "<!doctype html>", with: "")
        for name in ["script", "style"] {
            text = text.replacingOccurrences(of: "(?s)<\(name)>.*?</\(name)>", with: "", options: .regularExpression)
        }
        return XMLText(text)
    }
}
