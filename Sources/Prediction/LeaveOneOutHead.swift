import FeatureData

/// A head that knows in closed form what it would answer for a row it has learnt, had it not learnt that row. What is to be
/// fitted on unseen rows, such as weights of several heads, then costs it no row.
public protocol LeaveOneOutHead: Head {
    /// The posterior of each row by the head without that one row, `[rows, classes]`.
    ///
    /// - Parameter rows: rows that the head has learnt, labelled as it learnt them.
    /// - Throws: `HeadError.featureDimension` where the rows do not have the head's D.
    func leaveOneOutPosterior(of rows: LabelledFeatures) throws -> LogitPosterior
}
