import FeatureData
import Foundation
import Matrices

extension ConformalPredictor {
    /// The names of its tensors in a model file start with this.
    public static let prefix = "conformal."

    /// Puts the scores into a model's archive.
    ///
    /// - Parameter fingerprint: of the calibration rows.
    public func store(in archive: inout ModelArchive, fingerprint: String) throws {
        Self.remove(from: &archive)
        let all = scores.flatMap { $0 }
        archive.tensors[Self.prefix + "scores"] = ArchivedTensor(
            Matrix<Double>(rows: 1, columns: all.count, elements: all), shape: [all.count])
        archive.tensors[Self.prefix + "counts"] = ArchivedTensor(scores.map(\.count))
        archive.tensors[Self.prefix + "groups"] = ArchivedTensor(groups)
        try archive.attach(Stored(score: score, condition: condition, fingerprint: fingerprint), as: "conformal")
    }

    /// Takes it out of an archive, if there is one.
    public static func remove(from archive: inout ModelArchive) {
        for name in archive.tensors.keys.filter({ $0.hasPrefix(prefix) }) { archive.tensors[name] = nil }
        archive.attachments["conformal"] = nil
    }

    /// The predictor of a model and the fingerprint of its calibration rows; `nil` where it has none.
    ///
    /// - Throws: `ModelArchiveError` where it is damaged or for another number of classes.
    public static func stored(in archive: ModelArchive) throws -> (predictor: ConformalPredictor, fingerprint: String)?
    {
        guard let stored = try archive.attachment("conformal", as: Stored.self) else { return nil }
        let groups = try archive.integers(prefix + "groups", count: archive.classNames.count)
        let counts = try archive.integers(prefix + "counts", count: (groups.max() ?? 0) + 1)
        let all = try archive.doubleMatrix(prefix + "scores").elements
        guard groups.allSatisfy({ $0 >= 0 }), counts.allSatisfy({ $0 >= 0 && $0 <= all.count }),
            counts.reduce(0, +) == all.count, all.allSatisfy({ !$0.isNaN })
        else {
            throw ModelArchiveError.shape(
                file: archive.path, tensor: prefix + "scores", found: [all.count],
                expected: "[\(counts.reduce(0) { $0 &+ $1 })], one number a row of 'conformal.counts'")
        }
        var (scores, start): ([[Double]], Int) = ([], 0)
        for count in counts {
            scores.append(all[start..<start + count].sorted())
            start += count
        }
        return (
            ConformalPredictor(score: stored.score, condition: stored.condition, groups: groups, scores: scores),
            stored.fingerprint
        )
    }

    private struct Stored: Codable {
        var score: ConformalScore
        var condition: Condition
        var fingerprint: String
    }
}
