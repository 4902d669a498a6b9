/// The names and shapes of a network's parameters.
struct ParameterShapes {
    let all: [(name: String, shape: (rows: Int, columns: Int))]

    init(_ configuration: CLAPConfiguration, tasks: Int, classes: Int) {
        let (width, inner) = (configuration.featureDimension, configuration.feedForwardWidth)
        var list: [(name: String, shape: (rows: Int, columns: Int))] = []
        func linear(_ name: String, _ outputs: Int, _ inputs: Int) {
            list.append((name + ".weight", (outputs, inputs)))
            list.append((name + ".bias", (1, outputs)))
        }
        if configuration.usesAttention {
            for name in ["vga.self_attn", "vga.multihead_attn"] {
                list.append((name + ".in_proj_weight", (3 * width, width)))
                list.append((name + ".in_proj_bias", (1, 3 * width)))
                linear(name + ".out_proj", width, width)
            }
            linear("vga.linear1", inner, width)
            linear("vga.linear2", width, inner)
            for norm in 1...3 {
                list.append(("vga.norm\(norm).weight", (1, width)))
                list.append(("vga.norm\(norm).bias", (1, width)))
            }
        }
        if configuration.gatesAttention, configuration.usesAttention { list.append((Self.gate, (1, 1))) }
        switch configuration.latents {
        case .adapters:
            for task in 0..<(configuration.adapterPerTask ? tasks : min(tasks, 1)) {
                linear("mu_adapters.\(task)", width, width)
                linear("sigma_adapters.\(task)", width, width)
            }
        case .classVectors:
            list.append((Self.classMeans, (classes, width)))
            list.append((Self.classLogDeviations, (classes, width)))
            if configuration.usesSharedAdapter { linear("mu_adapters.0", width, width) }
        }
        if configuration.usesTaskTokens {
            for task in 0..<tasks { list.append(("task_tokens.\(task)", (1, width))) }
        }
        if configuration.isHierarchical {
            linear("mu_global_adapter", width, width)
            linear("sigma_global_adapter", width, width)
        }
        all = list
    }

    /// The factor of the attention's output.
    static let gate = "vga.gate"
    /// μ `[classes, D]` of class vectors.
    static let classMeans = "class_vectors.mean"
    /// ln σ `[classes, D]` of class vectors.
    static let classLogDeviations = "class_vectors.log_deviation"
}
