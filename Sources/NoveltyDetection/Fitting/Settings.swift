extension NoveltyScore {
    /// - Throws: `NoveltyError.setting` unless `condition` holds.
    func require(
        _ condition: Bool, _ setting: String, _ found: some CustomStringConvertible, _ expected: String
    ) throws(NoveltyError) {
        guard condition else {
            throw .setting(score: name, name: setting, found: "\(found)", expected: expected)
        }
    }
}
