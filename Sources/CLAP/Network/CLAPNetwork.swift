import Gradients
import Matrices

/// The parameters of a CLAP model and the forward passes through them.
///
/// Class features attend to each other and to image features; each task has a linear map to the mean and one to the
/// standard deviation of its classes' latents (paper, sections 3.1 to 3.3). Names are PyTorch's:
/// `vga.self_attn.in_proj_weight`, `mu_adapters.0.weight`, …
final class CLAPNetwork<Scalar: MatrixScalar> {
    let configuration: CLAPConfiguration
    let classesPerTask: [Int]
    private(set) var parameters: [String: Parameter<Scalar>]
    private let attention: TransformerDecoderLayer<Scalar>?

    /// - Throws: `CLAPError.missingParameter` or `.parameterShape` where `values` lacks what the configuration needs.
    init(configuration: CLAPConfiguration, classesPerTask: [Int], values: [String: Matrix<Scalar>]) throws {
        self.configuration = configuration
        self.classesPerTask = classesPerTask
        var parameters: [String: Parameter<Scalar>] = [:]
        for (name, shape) in ParameterShapes(
            configuration, tasks: classesPerTask.count, classes: classesPerTask.reduce(0, +)
        ).all {
            guard let value = values[name] else { throw CLAPError.missingParameter(name) }
            guard value.rows == shape.rows, value.columns == shape.columns else {
                throw CLAPError.parameterShape(
                    name, expected: [shape.rows, shape.columns], found: [value.rows, value.columns])
            }
            parameters[name] = Parameter(name: name, value: value)
        }
        self.parameters = parameters
        attention =
            configuration.usesAttention
            ? try TransformerDecoderLayer(heads: configuration.attentionHeads) { name in
                guard let parameter = parameters["vga." + name] else { throw CLAPError.missingParameter("vga." + name) }
                return parameter
            } : nil
    }

    /// The values of all parameters by name.
    var values: [String: Matrix<Scalar>] { parameters.mapValues(\.value) }

    /// All parameters in the order of their names.
    var sortedParameters: [Parameter<Scalar>] { parameters.keys.sorted().compactMap { parameters[$0] } }

    /// Freezes what a phase leaves alone: in training all tasks' adapters and tokens but those of the `learning` tasks; in
    /// fine-tuning the attention module.
    func freeze(for phase: CLAPPhase, learning: [Int]) {
        let adaptersByTask = configuration.latents == .adapters && configuration.adapterPerTask
        let adapters = adaptersByTask ? learning : [0]
        for (name, parameter) in parameters {
            switch phase {
            case .train:
                let tasks =
                    name.hasPrefix("task_tokens.") ? learning : name.contains("_adapters.") ? adapters : nil
                parameter.isFrozen = tasks.map { !$0.contains { name.split(separator: ".").contains("\($0)") } } ?? false
            case .fineTune: parameter.isFrozen = name.hasPrefix("vga.") && name != ParameterShapes.gate
            case .predict: parameter.isFrozen = true
            }
        }
    }

    /// The rows of class features and latents that belong to task `task`.
    func classes(of task: Int) -> Range<Int> {
        let start = classesPerTask[..<task].reduce(0, +)
        return start..<start + classesPerTask[task]
    }

    var classCount: Int { classesPerTask.reduce(0, +) }

    /// The tasks that some classes belong to, ascending.
    func tasks(of classes: Set<Int>) -> [Int] {
        classesPerTask.indices.filter { task in self.classes(of: task).contains { classes.contains($0) } }
    }

    private func linear(_ name: String) -> LinearLayer<Scalar> {
        // `init` has checked that both are there.
        guard let weight = parameters[name + ".weight"] else { preconditionFailure(name) }
        return LinearLayer(weight: weight, bias: parameters[name + ".bias"])
    }

    /// μ and σ = 0.999·softplus(·) + 0.001 of the rows `x` by one pair of adapters.
    private func gaussian(_ mean: String, _ deviation: String, of x: Variable<Scalar>) -> DiagonalLatent<Scalar> {
        DiagonalLatent(
            mean: linear(mean)(x),
            standardDeviation: linear(deviation)(x).softplus().affine(factor: 0.999, constant: 0.001))
    }

    /// The latent of task `task`'s rows `x`.
    func taskLatent(_ task: Int, of x: Variable<Scalar>) -> DiagonalLatent<Scalar> {
        let index = configuration.adapterPerTask ? task : 0
        return gaussian("mu_adapters.\(index)", "sigma_adapters.\(index)", of: x)
    }

    /// The global latent of the class rows `x`.
    func globalLatent(of x: Variable<Scalar>) -> DiagonalLatent<Scalar> {
        gaussian("mu_global_adapter", "sigma_global_adapter", of: x)
    }

    /// Attention of class features on each other and on image rows.
    ///
    /// - Returns: `[classes (+ tasks), D]`: a row for each class, then for each task token.
    func attend(
        _ queries: Variable<Scalar>, to images: Variable<Scalar>, mask: Matrix<Scalar>?, phase: CLAPPhase,
        noise: inout DropoutNoise
    ) -> Variable<Scalar>? {
        let attended = attention?(
            queries, memory: images, mask: mask, dropoutRate: phase == .train ? configuration.dropout : 0,
            noise: &noise)
        let scale = Scalar(configuration.attentionScale)
        let scaled = scale == 1 ? attended : attended?.scaled(by: scale)
        guard let scaled, let gate = parameters[ParameterShapes.gate] else { return scaled }
        return scaled.scaled(by: scaled.tape.parameter(gate))
    }

    /// t_k + v_k of one task's classes alone, with its token if there are tokens: the input of the data-driven prior.
    /// They all see each other, so no mask is needed.
    func attendedRows(
        of task: Int, text: Variable<Scalar>, context: Variable<Scalar>, phase: CLAPPhase, noise: inout DropoutNoise
    ) -> Variable<Scalar> {
        let token = configuration.usesTaskTokens ? parameters["task_tokens.\(task)"].map(text.tape.parameter) : nil
        let queries = Variable.stacked([text] + (token.map { [$0] } ?? []))
        guard let attended = attend(queries, to: context, mask: nil, phase: phase, noise: &noise) else { return text }
        let rows = text + attended.rows(0..<text.rows)
        return token == nil ? rows : rows.adding(row: attended.rows(text.rows..<text.rows + 1))
    }

    /// Steps 1 to 5 of the forward pass: the latent of every class, given image rows as context.
    ///
    /// - Parameters:
    ///   - text: t `[classes, D]`.
    ///   - context: unit-length rows `[B, D]`, the attention's memory.
    ///   - globalNoise: `[G · classes, D]`, for the hierarchy only.
    func latents(
        text: Variable<Scalar>, context: Variable<Scalar>, globalNoise: Matrix<Scalar>?, phase: CLAPPhase,
        noise: inout DropoutNoise
    ) -> ClassLatents<Scalar> {
        let tape = text.tape
        let count = classCount
        let blocks = max(configuration.globalSamples, 1)
        var attended: Variable<Scalar>?
        if configuration.usesAttention {
            let tokens = configuration.usesTaskTokens
            var queries = text
            if tokens {
                queries = .stacked(
                    [text]
                        + classesPerTask.indices.compactMap { parameters["task_tokens.\($0)"].map(tape.parameter) })
            }
            let mask: Matrix<Scalar> = AttentionMask.additive(classesPerTask: classesPerTask, tokens: tokens)
            attended = attend(queries, to: context, mask: mask, phase: phase, noise: &noise)
        }
        let plain = attended.map { text + $0.rows(0..<count) } ?? text
        var global: DiagonalLatent<Scalar>?
        var globalDraws: Variable<Scalar>?
        if let globalNoise, configuration.isHierarchical {
            let latent = globalLatent(of: plain)
            global = latent
            globalDraws =
                latent.mean.tiled(blocks)
                + latent.standardDeviation.tiled(blocks).multipliedElementwise(by: tape.constant(globalNoise))
        }
        if configuration.latents == .classVectors { return classVectors(plain: plain, attended: attended) }
        var inputs: [Variable<Scalar>] = []
        var tasks: [DiagonalLatent<Scalar>] = []
        for task in classesPerTask.indices {
            let range = classes(of: task)
            var x = plain.rows(range)
            if configuration.usesTaskTokens, let attended {
                x = x.adding(row: attended.rows(count + task..<count + task + 1))
            }
            if let globalDraws {
                x = x.tiled(blocks) + globalDraws.gatherRows((0..<blocks).flatMap { g in range.map { g * count + $0 } })
            }
            inputs.append(x)
            tasks.append(taskLatent(task, of: x))
        }
        // Rows come task by task, each with its blocks; the order (block, class) is wanted.
        let order: [Int]? =
            blocks == 1
            ? nil
            : (0..<blocks).flatMap { block in
                classesPerTask.indices.flatMap { task in
                    let start = classes(of: task).lowerBound * blocks + block * classesPerTask[task]
                    return Array(start..<start + classesPerTask[task])
                }
            }
        func arranged(_ parts: [Variable<Scalar>]) -> Variable<Scalar> {
            let all = Variable.stacked(parts)
            return order.map(all.gatherRows) ?? all
        }
        return ClassLatents(
            attended: attended, global: global, tasks: tasks,
            inputs: arranged(inputs),
            all: DiagonalLatent(
                mean: arranged(tasks.map(\.mean)), standardDeviation: arranged(tasks.map(\.standardDeviation))),
            blocks: blocks)
    }
}

extension CLAPNetwork {
    /// Latents with a Gaussian of their own for each class, around `plain` `[classes, D]` and what the shared map adds.
    private func classVectors(plain: Variable<Scalar>, attended: Variable<Scalar>?) -> ClassLatents<Scalar> {
        guard let means = parameters[ParameterShapes.classMeans],
            let deviations = parameters[ParameterShapes.classLogDeviations]
        else { preconditionFailure("`init` has checked the parameters") }
        let tape = plain.tape
        let all = DiagonalLatent(
            mean: tape.parameter(means), standardDeviation: tape.parameter(deviations).exp())
        let parts = classesPerTask.indices.map { classes(of: $0) }
        return ClassLatents(
            attended: attended, global: nil,
            // Views of tasks are asked for by the text regulariser alone; one task needs no copy.
            tasks: configuration.textRegularization > 0
                ? parts.map {
                    DiagonalLatent(mean: all.mean.rows($0), standardDeviation: all.standardDeviation.rows($0))
                } : [],
            inputs: configuration.usesSharedAdapter ? plain + linear("mu_adapters.0")(plain) : plain, all: all,
            blocks: 1)
    }
}

/// What a network is used for: which parameters change, and whether there is dropout.
enum CLAPPhase: Sendable {
    case train, fineTune, predict
}

/// A diagonal Gaussian over latents, a row a class.
struct DiagonalLatent<Scalar: MatrixScalar> {
    /// μ `[rows, D]`.
    let mean: Variable<Scalar>
    /// σ `[rows, D]`, at least 0.001.
    let standardDeviation: Variable<Scalar>
}

/// The latents of all classes in one forward pass. With a hierarchy every class has G rows, ordered (draw, class).
struct ClassLatents<Scalar: MatrixScalar> {
    /// The attention's output, `[classes (+ tasks), D]`.
    let attended: Variable<Scalar>?
    let global: DiagonalLatent<Scalar>?
    /// One a task, `[G · classes of the task, D]`.
    let tasks: [DiagonalLatent<Scalar>]
    /// x `[G · classes, D]`, the fixed part of the class vectors.
    let inputs: Variable<Scalar>
    /// `[G · classes, D]`.
    let all: DiagonalLatent<Scalar>
    /// G, or 1.
    let blocks: Int

    /// x + μ: the mean of the class vectors z.
    var location: Variable<Scalar> { inputs + all.mean }
}
