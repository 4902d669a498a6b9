import FeatureData
import Matrices

/// The checks every head makes before it learns a task, so that all refuse bad input in the same words.
public enum NewClasses {
    /// Checks a task for a head that learns new classes and updates known ones: its prompts, and its rows and exemplars.
    /// There may be no new classes, but then there must be a row.
    ///
    /// - Parameter ignoringRows: for heads that look at no row: rows are not checked, and new classes need none.
    /// - Returns: the logit scale to use: that of the task's prompts.
    /// - Throws: `HeadError`.
    public static func check(
        _ task: LearningTask, known: [String], featureDimension: Int, logitScale: Float, ignoringRows: Bool = false
    ) throws -> Float {
        if task.classes.classNames.isEmpty, !known.isEmpty {
            guard task.rows.count > 0 else {
                throw HeadError.invalidTask("the task has neither new classes nor rows of known ones")
            }
            try check(task.classes.logitScale, is: logitScale)
        } else {
            try check(task.classes, known: known, featureDimension: featureDimension, logitScale: logitScale)
        }
        if !ignoringRows { try checkRows(of: task, known: known.count, featureDimension: featureDimension) }
        return task.classes.logitScale
    }

    /// Checks that there are classes in `prompts`, all new, distinct and of the head's dimension and logit scale.
    ///
    /// - Returns: the logit scale to use: that of `prompts`.
    /// - Throws: `HeadError`.
    @discardableResult
    public static func check(
        _ prompts: ClassPrompts, known: [String], featureDimension: Int, logitScale: Float
    ) throws -> Float {
        guard !prompts.classNames.isEmpty else { throw HeadError.invalidTask("the task has no classes") }
        var seen = Set(known)
        for (name, features) in zip(prompts.classNames, prompts.features) {
            guard seen.insert(name).inserted else { throw HeadError.classAlreadyKnown(name) }
            guard features.rows > 0 else { throw HeadError.invalidTask("class '\(name)' has no text feature") }
            guard features.columns == featureDimension else {
                throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
            }
        }
        if !known.isEmpty { try check(prompts.logitScale, is: logitScale) }
        return prompts.logitScale
    }

    private static func check(_ found: Float, is logitScale: Float) throws(HeadError) {
        guard found == logitScale else {
            throw .invalidTask("the task's logit scale is \(found), the model's \(logitScale): not the same encoder")
        }
    }

    /// Checks the rows and exemplars of `task` for a head with `known` classes: dimensions, labels in range, and at
    /// least one row for every new class.
    ///
    /// - Throws: `HeadError`.
    public static func checkRows(of task: LearningTask, known: Int, featureDimension: Int) throws {
        let classes = known + task.classes.classNames.count
        for (rows, what) in [(task.rows, "row"), (task.exemplars, "exemplar")] where rows.count > 0 {
            guard rows.features.columns == featureDimension else {
                throw HeadError.featureDimension(expected: featureDimension, found: rows.features.columns)
            }
            if let bad = rows.labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
                throw HeadError.invalidTask(
                    "\(what) \(bad) has label \(rows.labels[bad]), outside the \(classes) classes known with this task")
            }
        }
        var present = [Bool](repeating: false, count: classes)
        for label in task.rows.labels { present[label] = true }
        for index in known..<classes where !present[index] {
            throw HeadError.classWithoutRows(task.classes.classNames[index - known])
        }
    }

    /// Checks that a stored division of classes into tasks covers them. A task that only updated known classes counts 0,
    /// which the first task cannot.
    ///
    /// - Throws: `ModelArchiveError.configuration`.
    public static func check(classesPerTask: [Int], classes: Int, _ archive: ModelArchive) throws {
        guard classesPerTask.allSatisfy({ $0 >= 0 && $0 <= classes }), classesPerTask.first != 0,
            classesPerTask.reduce(0, +) == classes
        else {
            throw ModelArchiveError.configuration(
                file: archive.path, reason: "tasks of \(classesPerTask) classes, expected \(classes) in all")
        }
    }
}
