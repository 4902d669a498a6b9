import ContinualEvaluation

/// The figures of a group by task.
extension RunGroup {
    /// Whether intervals are over runs, or over the rows of the only run.
    var hasSeveralRuns: Bool { runs.count > 1 }

    /// The share of all examined rows classified right after each task.
    var accuracyAfterTask: [Estimate?] {
        (0..<tasks).map { task in
            let figures = runs.compactMap { run in
                run.tasks.indices.contains(task) ? run.tasks[task].accuracy.map { ($0, run.tasks[task].testRows) } : nil
            }
            if let only = figures.first, runs.count == 1 { return Estimate(share: only.0, of: only.1) }
            if !figures.isEmpty { return Estimate(MeanInterval(figures.map(\.0))) }
            // Files without figures by task: the mean over tasks.
            return Estimate(
                interval { run in
                    (try? AccuracyMatrix(run.accuracyMatrix)).flatMap { $0.stepAverages.indices.contains(task) ? $0.stepAverages[task] : nil }
                })
        }
    }

    var zeroShotAfterTask: [Double?] {
        (0..<tasks).map { task in
            interval { run in
                run.zeroShot.accuracyAfterTask.indices.contains(task) ? run.zeroShot.accuracyAfterTask[task] : nil
            }?.mean
        }
    }

    /// `[after][task]`, means over runs; `nil` where not measured.
    var accuracyMatrix: [[Double?]] {
        (0..<tasks).map { step in
            (0..<tasks).map { task in
                interval { run in
                    guard run.accuracyMatrix.indices.contains(step), run.accuracyMatrix[step].indices.contains(task) else {
                        return nil
                    }
                    return run.accuracyMatrix[step][task]
                }?.mean
            }
        }
    }

    /// How far the accuracy on each task but the last fell from its best, measured since it was learnt, to the end.
    var forgettingPerTask: [Estimate?] {
        (0..<max(0, tasks - 1)).map { task in
            Estimate(
                interval { run in
                    let matrix = run.accuracyMatrix
                    guard let final = matrix.last, final.indices.contains(task), let now = final[task] else { return nil }
                    let before = matrix.indices.dropLast().filter { $0 >= task }
                        .compactMap { matrix[$0].indices.contains(task) ? matrix[$0][task] : nil }
                    return before.max().map { $0 - now }
                })
        }
    }

    /// Names of the classes of a task, where the first run tells them.
    func classes(ofTask task: Int) -> [String] {
        guard let run = runs.first, run.tasks.indices.contains(task) else { return [] }
        return run.tasks[task].classes
    }

    /// A figure by task, over runs.
    func afterTask(_ figure: (BenchmarkResults.TaskFigures) -> Double?) -> [Double?] {
        (0..<tasks).map { task in
            interval { $0.tasks.indices.contains(task) ? figure($0.tasks[task]) : nil }?.mean
        }
    }
}
