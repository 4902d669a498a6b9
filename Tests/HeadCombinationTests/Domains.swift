import FeatureData
import Matrices
import Prediction
import Probability

/// Two domains of four classes each, rows of a domain around a direction of its own.
struct Domains {
    let dimension = 24
    let prompts: ClassPrompts
    private let all: [LabelledFeatures]

    init() {
        var stream = RandomStream(seed: 2)
        let dimension = dimension
        func direction() -> [Double] { (0..<dimension).map { _ in stream.gaussian() } }
        let places = (0..<2).flatMap { _ in
            let domain = direction().map { 2 * $0 }
            return (0..<4).map { _ in zip(domain, direction()).map { $0 + $1 } }
        }
        func row(_ place: [Double], _ spread: Double) -> [Float] {
            let values = place.map { $0 + spread * stream.gaussian() }
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { Float($0 / norm) }
        }
        prompts = ClassPrompts(
            classNames: (0..<8).map { ($0 < 4 ? "a" : "b") + "\($0 % 4)" },
            features: places.map { place in Matrix((0..<2).map { _ in row(place, 1) }) }, logitScale: 20)
        all = (0..<2).map { domain in
            let labels = (0..<120).map { 4 * domain + $0 % 4 }
            return LabelledFeatures(features: Matrix(labels.map { row(places[$0], 0.7) }), labels: labels)
        }
    }

    func rows(ofDomain domain: Int) -> LabelledFeatures { all[domain] }
    func prompts(ofDomain domain: Int) -> ClassPrompts { prompts.selecting(4 * domain..<4 * domain + 4) }
    func task(_ domain: Int) -> LearningTask {
        LearningTask(classes: prompts(ofDomain: domain), rows: rows(ofDomain: domain))
    }
}
