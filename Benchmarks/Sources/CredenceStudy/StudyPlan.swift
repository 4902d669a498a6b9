import Credence

/// All runs of a study.
struct StudyPlan: Sendable {
    var methods: [StudyMethod]
    var datasets: [StudyData]
    var seeds: Int
    var orders: Int
    /// Rows per class; `nil` for all.
    var shots: [Int?]
    var holdout: Double?
    var budget: Int

    /// A run with what it needs.
    struct Job: Sendable {
        let run: StudyRun
        let method: StudyMethod
        let data: StudyData
    }

    /// Every run once, those on all rows first, and within them a first seed and order of everything first, so that a
    /// study that is cut short has something on everything.
    func jobs() throws -> [Job] {
        var jobs: [Job] = []
        for shots in shots {
            for (order, seed) in replicates {
                for data in datasets {
                    for method in methods where replicates(of: method).contains(where: { $0 == (order, seed) }) {
                        guard method.learnsFromRows || shots == self.shots[0] else { continue }
                        jobs.append(try job(method, data, shots: shots, order: order, seed: seed))
                    }
                }
            }
        }
        return jobs
    }

    /// The orders and seeds of each table row, `orders · seeds` of them.
    var replicates: [(order: Int, seed: Int)] {
        (1...orders).flatMap { order in (1...seeds).map { (order, $0) } }
    }

    /// Those of a method: one seed where nothing depends on it, and an order and a seed together where a run takes
    /// minutes, so that a whole study takes less than an hour.
    func replicates(of method: StudyMethod) -> [(order: Int, seed: Int)] {
        if !method.learnsFromRows { return replicates.filter { $0.seed == 1 } }
        return method.isSlow ? replicates.filter { ($0.order - $0.seed) % max(min(orders, seeds), 1) == 0 } : replicates
    }

    func job(
        _ method: StudyMethod, _ data: StudyData, shots: Int?, order: Int, seed: Int
    ) throws -> Job {
        let head = try method.makeHead(featureDimension: data.dataset.featureDimension)
        let run = StudyRun(
            dataset: data.name, method: method.name, seed: UInt64(seed), order: order,
            rowsPerClass: method.learnsFromRows ? shots : nil, holdout: holdout, budget: head.keepsRows ? budget : 0,
            settings: Dictionary(head.settings.map { ($0.name, $0.value) }) { $1 })
        return Job(run: run, method: method, data: data)
    }
}
