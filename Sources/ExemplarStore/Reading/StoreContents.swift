// What a store tells about itself without its features.

/// A class of a store.
public struct StoredClass: Sendable, Hashable, Codable {
    /// In the order in which classes were added; the label of its rows.
    public var position: Int
    public var name: String
    /// The position of the task that added it.
    public var task: Int
    /// Rows held, the pinned ones among them.
    public var rows: Int
    public var pinned: Int
    let id: Int64

    enum CodingKeys: String, CodingKey { case position, name, task, rows, pinned }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            position: try values.decode(Int.self, forKey: .position), name: try values.decode(String.self, forKey: .name),
            task: try values.decode(Int.self, forKey: .task), rows: try values.decode(Int.self, forKey: .rows),
            pinned: try values.decode(Int.self, forKey: .pinned), id: 0)
    }

    init(position: Int, name: String, task: Int, rows: Int, pinned: Int, id: Int64) {
        (self.position, self.name, self.task) = (position, name, task)
        (self.rows, self.pinned, self.id) = (rows, pinned, id)
    }
}

/// A change that brought rows into a store.
public struct StoredSelection: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
        case select, add, `import`
    }

    /// Ascending in time, from 1.
    public var number: Int
    public var kind: Kind
    /// The selector's name, where one chose.
    public var selector: String?
    public var seed: UInt64?
    public var budget: String?
    /// The model whose posterior the selector saw.
    public var model: String?
    /// Other settings.
    public var settings: [String: String]
    /// Rows that there were to choose from.
    public var candidates: Int
    /// Rows that it added, and those of them that are still there.
    public var addedRows: Int
    public var rows: Int
    /// Of the rows it added: Σ ‖x − y‖² / Σ ‖x‖² and the mean cosine of rows x and what is read back, y.
    public var relativeSquaredError: Double
    public var meanCosine: Double
    /// Seconds since 1970.
    public var addedAt: Int
}

/// Which rows of a store are meant: all conditions that are given must hold.
public struct ExemplarFilter: Sendable, Hashable {
    /// Names of classes.
    public var classes: Set<String>?
    /// Positions of tasks.
    public var tasks: Set<Int>?
    public var pinnedOnly: Bool

    public init(classes: Set<String>? = nil, tasks: Set<Int>? = nil, pinnedOnly: Bool = false) {
        (self.classes, self.tasks, self.pinnedOnly) = (classes, tasks, pinnedOnly)
    }

    public static let all = ExemplarFilter()

    func includes(_ stored: StoredClass) -> Bool {
        (classes?.contains(stored.name) ?? true) && (tasks?.contains(stored.task) ?? true)
    }
}

/// A row of a store without its features.
public struct ExemplarRecord: Sendable, Hashable {
    /// The position of its class.
    public var classPosition: Int
    /// 0, 1, … among the pinned rows of the class, and again among the others, best first.
    public var rank: Int
    public var isPinned: Bool
    /// The file it came from, and its place there.
    public var source: String
    public var sourceRow: Int
    /// The number of the selection that added or last ranked it.
    public var selection: Int
    /// What the selector gave it; higher was rather kept. `nil` where the selector has no scores.
    public var score: Double?
    /// Seconds since 1970.
    public var addedAt: Int
    /// A checksum of class, source and stored features.
    public var contentHash: UInt64
}
