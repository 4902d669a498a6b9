/// What a run over domains has beside the figures of every run: of multi-domain and cross-domain protocols.
extension BenchmarkResults {
    public struct Domains: Codable, Sendable, Equatable {
        /// "mtil" or "x-tail".
        public var `protocol`: String
        public var tasksPerDomain: [Int]
        /// Mean accuracy on tasks before they were learnt: `AccuracyMatrix.transfer`.
        @Figure public var transfer: Double?
        /// Mean of all entries: `AccuracyMatrix.overallAverage`.
        @Figure public var average: Double?
        /// Mean accuracy on all tasks after the last one.
        @Figure public var last: Double?
        public var transferPerTask: [Double?]
        public var averagePerTask: [Double?]
        public var lastPerTask: [Double?]
        /// What the text features alone reach on each task's rows, among the same classes.
        public var zeroShotPerTask: [Double?]
        /// Transfer of zero-shot: the mean of `zeroShotPerTask` without the first.
        @Figure public var zeroShotTransfer: Double?
        /// Forward transfer to tasks not learnt yet: Transfer less that of zero-shot (Lopez-Paz and Ranzato 2017,
        /// arXiv:1706.08840, with zero-shot in place of a random start).
        @Figure public var forwardTransfer: Double?
    }
}

extension BenchmarkResults.Domains {
    init(_ matrix: AccuracyMatrix, data: BenchmarkData, examination: ContinualProtocol, zeroShot: [Double?]) {
        let later = zeroShot.dropFirst().compactMap { $0 }
        let baseline = later.isEmpty || later.count + 1 < zeroShot.count ? nil : later.reduce(0, +) / Double(later.count)
        let transfer = matrix.transfer()
        self.init(
            protocol: examination.rawValue, tasksPerDomain: data.domains.map(\.count), transfer: transfer,
            average: matrix.overallAverage, last: matrix.last, transferPerTask: matrix.transferPerTask(),
            averagePerTask: matrix.averagePerTask, lastPerTask: matrix.lastPerTask, zeroShotPerTask: zeroShot,
            zeroShotTransfer: baseline,
            forwardTransfer: transfer.flatMap { transfer in baseline.map { transfer - $0 } })
    }
}
