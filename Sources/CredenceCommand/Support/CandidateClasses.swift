import Credence
import Foundation

/// Classes that a model has not learnt and that compete with those it has, known by their prompts alone.
enum CandidateClasses {
    /// A head for the model's classes, followed by those of `text` that it does not know.
    ///
    /// - Throws: `CommandFailure` where the prompts do not fit the model, `FeatureDataError`.
    static func extend(_ head: any Head, by text: URL, model: String) throws -> ExtendedHead {
        let prompts = try ClassPrompts(contentsOf: text)
        guard prompts.featureDimension == head.featureDimension else {
            throw CommandFailure(
                .badData,
                "\(text.relativePath): prompts of length \(prompts.featureDimension), the model \(model) expects "
                    + "\(head.featureDimension)")
        }
        let known = Set(head.classNames)
        let candidates = prompts.classNames.indices.filter { !known.contains(prompts.classNames[$0]) }
        do {
            if let open = head as? any OpenVocabularyHead { return try open.extended(to: prompts.selecting(candidates)) }
            let places = Dictionary(uniqueKeysWithValues: zip(prompts.classNames, 0...))
            let learnt = try head.classNames.map { name in
                guard let place = places[name] else {
                    throw CommandFailure(
                        .badData,
                        "\(text.relativePath): no prompts for '\(name)', which the model \(model) has learnt; a model of "
                            + "one method needs those of all its classes to compare candidates with")
                }
                return place
            }
            return try ExtendedHead(head, prompts: prompts.selecting(learnt + candidates))
        } catch let error as HeadError {
            throw CommandFailure(.badData, "\(text.relativePath): \(error)")
        }
    }
}
