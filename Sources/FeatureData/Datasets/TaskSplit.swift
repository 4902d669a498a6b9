import Foundation
import Matrices

/// Classes divided into tasks that are learnt one after another: every class in one task at most.
public struct TaskSplit: Sendable, Equatable {
    /// The classes of each task, as indices into the class names, in the order in which they are learnt.
    public let tasks: [[Int]]

    /// - Throws: `TaskSplitError` for an empty task or a class that stands twice.
    public init(_ tasks: [[Int]]) throws(TaskSplitError) {
        var owner: [Int: Int] = [:]
        for (task, classes) in tasks.enumerated() {
            guard !classes.isEmpty else { throw .emptyTask(task) }
            for index in classes {
                if let other = owner.updateValue(task, forKey: index) {
                    throw .repeatedClass("\(index)", first: other, second: task)
                }
            }
        }
        self.tasks = tasks
    }

    /// Equal parts of the classes in `order`; where the number of tasks does not divide them, the first tasks have one
    /// more.
    ///
    /// - Throws: `TaskSplitError.taskCount` unless 1 ≤ tasks ≤ classes.
    public static func equalParts(_ tasks: Int, of order: [Int]) throws(TaskSplitError) -> TaskSplit {
        guard tasks >= 1, tasks <= order.count else { throw .taskCount(tasks, classes: order.count) }
        let (size, larger) = order.count.quotientAndRemainder(dividingBy: tasks)
        var start = 0
        var parts: [[Int]] = []
        for task in 0..<tasks {
            let end = start + size + (task < larger ? 1 : 0)
            parts.append(Array(order[start..<end]))
            start = end
        }
        return try TaskSplit(parts)
    }

    /// Equal parts in label order.
    public static func equalParts(_ tasks: Int, ofClasses classes: Int) throws(TaskSplitError) -> TaskSplit {
        try equalParts(tasks, of: Array(0..<classes))
    }

    /// A random order of classes, the same for the same seed on every machine and in every version: a Fisher–Yates
    /// shuffle (Knuth, TAOCP 2, algorithm P) by SplitMix64 (Steele et al. 2014, doi:10.1145/2660193.2660195).
    public static func randomOrder(ofClasses classes: Int, seed: UInt64) -> [Int] {
        var generator = SplitMix64(state: seed)
        var order = Array(0..<classes)
        for last in stride(from: classes - 1, to: 0, by: -1) {
            order.swapAt(last, generator.next(below: last + 1))
        }
        return order
    }

    /// A JSON file `[["cat", "dog"], ["ship"]]` that lists the class names of each task. Classes that no task names are
    /// left out.
    ///
    /// - Throws: `FeatureDataError`: unknown and repeated names, empty tasks.
    public init(contentsOf url: URL, classNames: [String]) throws {
        let file = try MappedFile(url)
        func bad(_ reason: String) -> FeatureDataError { FeatureDataError(.badData, url, reason) }
        let json: StrictJSON
        do throws(StrictJSON.SyntaxError) {
            json = try StrictJSON.parse(file.bytes)
        } catch {
            throw bad("is not JSON: \(error.reason)")
        }
        guard case .array(let lists) = json, !lists.isEmpty else {
            throw bad("expected a JSON list with a list of class names for each task")
        }
        let indices = Dictionary(classNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var owner: [String: Int] = [:]
        var tasks: [[Int]] = []
        for (task, list) in lists.enumerated() {
            guard case .array(let names) = list else { throw bad("task \(task) is \(list.kind), expected a list of names") }
            guard !names.isEmpty else { throw bad("task \(task) has no classes") }
            tasks.append(
                try names.map { value in
                    guard case .string(let name) = value else {
                        throw bad("task \(task) holds \(value.kind), expected class names")
                    }
                    guard let index = indices[name] else { throw bad("task \(task) names the unknown class '\(name)'") }
                    if let other = owner.updateValue(task, forKey: name) {
                        throw bad("the class '\(name)' is in task \(other) and again in task \(task)")
                    }
                    return index
                })
        }
        self.tasks = tasks
    }
}

/// What cannot be a split into tasks.
public enum TaskSplitError: Error, Equatable, CustomStringConvertible {
    case taskCount(Int, classes: Int)
    case emptyTask(Int)
    case repeatedClass(String, first: Int, second: Int)

    public var description: String {
        switch self {
        case .taskCount(let tasks, let classes): "\(classes) classes cannot be split into \(tasks) tasks"
        case .emptyTask(let task): "task \(task) has no classes"
        case .repeatedClass(let name, let first, let second):
            "class \(name) is in task \(first) and again in task \(second)"
        }
    }
}

// A generator of its own, so that class orders never change with the package's random streams.
extension SplitMix64 {
    /// Uniform in `0..<bound`, without bias: values of the last incomplete run are drawn again.
    mutating func next(below bound: Int) -> Int {
        let bound = UInt64(bound)
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let value = next()
            if value < limit { return Int(value % bound) }
        }
    }
}
