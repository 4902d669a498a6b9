extension NoveltyRows {
    /// A row as a JSON object, as the command line prints it and the service sends it; JSON has no infinite numbers, so
    /// those are null.
    public func appendJSON(_ row: Int, scores names: [String], to text: inout String) {
        text += "{\"row\":\(firstRow + row),\"is_novel\":\(isNovel[row])"
        for (place, name) in names.enumerated() {
            text += ",\"\(name)\":\(Self.json(scores[place][row]))"
            text += ",\"\(name)_p\":\(Self.json(pValues[place][row]))"
        }
        text += "}"
    }

    private static func json(_ value: Float) -> String { value.isFinite ? "\(value)" : "null" }
}
