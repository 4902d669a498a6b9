/// Why a model that could be read cannot do what is asked of it, in one line that names the file.
public enum ModelUseError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownMethod(file: String, String, isPart: Bool = false)
    /// The part of a shard, from which `credence merge` makes a model.
    case shardPart(file: String)
    /// A label of a row that the model remembers.
    case label(file: String, tensor: String, found: Int, classes: Int)
    case noPredictionSets(file: String)
    case noDetector(file: String)
    case emptyDetector(file: String)
    /// The detector is of another model.
    case otherModel(file: String, reason: String)
    case needsModel(file: String, score: String)
    case unknownScore(file: String, String, known: [String])
    /// A way to predict that the head does not have.
    case prediction(method: String)

    public var description: String {
        switch self {
        case .unknownMethod(let file, let method, let isPart):
            "\(file): a \(isPart ? "part" : "model") of the unknown method '\(method)'; there are "
                + HeadMethod.allCases.map(\.rawValue).joined(separator: ", ")
        case .shardPart(let file):
            "\(file): is the part of a shard, no model: join the parts of all shards by credence merge"
        case .label(let file, let tensor, let found, let classes):
            "\(file): tensor '\(tensor)': label \(found), expected 0 to \(classes - 1)"
        case .noPredictionSets(let file):
            "\(file): has no scores for prediction sets; 'credence calibrate' makes them"
        case .noDetector(let file): "\(file): has no novelty detector; make one with credence novelty fit"
        case .emptyDetector(let file): "\(file): the detector has no scores"
        case .otherModel(let file, let reason): "\(file): \(reason)"
        case .needsModel(let file, let score):
            "\(file): the score '\(score)' needs a model's posterior; give the model with --model"
        case .unknownScore(let file, let name, let known):
            "\(file): the detector has no score '\(name)'; it has \(known.joined(separator: ", "))"
        case .prediction(let method): "--context and --samples do not apply to a \(method) model"
        }
    }
}
