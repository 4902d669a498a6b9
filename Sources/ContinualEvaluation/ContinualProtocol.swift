/// Which rows are examined after each task, and which classes compete for a row.
public enum ContinualProtocol: String, Sendable, Codable, CaseIterable {
    /// Rows of the classes learnt so far, among these classes (van de Ven et al. 2022).
    case classIncremental = "class-incremental"
    /// Rows of all tasks, those to come too, each among the classes of its own domain: multi-domain task-incremental
    /// learning (Zheng et al. 2023, arXiv:2303.06628).
    case multiDomain = "mtil"
    /// Rows of all tasks among all classes of all domains, learnt or not: cross-domain task-agnostic incremental learning
    /// (Xu et al. 2024, arXiv:2406.18868).
    case crossDomain = "x-tail"

    /// Whether tasks are examined before they are learnt.
    public var examinesFutureTasks: Bool { self != .classIncremental }
}
