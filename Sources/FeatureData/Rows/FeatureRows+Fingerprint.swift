// Which rows these are, told without reading them all.

extension FeatureRows {
    /// A checksum of the number of rows, their length, and the features and labels of up to 256 rows spread evenly over them:
    /// another encoder, other images or another order change it, and it costs no pass over the rows. Changes of single rows
    /// between those are not seen. File names do not count.
    ///
    /// - Throws: `FeatureDataError.badData` where one of the rows is bad.
    public func sampleFingerprint() throws -> String {
        var fingerprint = Fingerprint()
        fingerprint.add("\(count) \(dimension) \(isNormalizing)")
        let step = max(1, (count + Self.fingerprintedRows - 1) / Self.fingerprintedRows)
        for row in stride(from: 0, to: count, by: step) {
            let block = try block(row..<row + 1)
            block.features.withUnsafeElements { fingerprint.add(UnsafeRawBufferPointer($0)) }
            (block.labels ?? []).withUnsafeBytes { fingerprint.add($0) }
        }
        return fingerprint.description
    }

    private static let fingerprintedRows = 256
}
