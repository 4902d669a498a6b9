/// A chain that moves by Hamiltonian dynamics whose step size and metric are learnt in the warm-up: what NUTS and plain
/// Hamiltonian Monte Carlo share beside the transition itself.
protocol AdaptedHamiltonian: ChainKernel {
    var dynamics: HamiltonianDynamics { get }
    var adaptation: HamiltonianAdaptation { get set }
    var metricAdaptation: MetricAdaptation { get }
}

extension AdaptedHamiltonian {
    var position: [Double] { dynamics.position }
    var logDensity: Double { dynamics.logDensity }
    var stepSize: Double? { adaptation.stepSize }
    var scales: [Double]? { metricAdaptation == .unit ? nil : dynamics.metric.variances }

    func adapt(iteration: Int, _ transition: Transition, _ stream: inout RandomStream) throws(SamplingError) {
        try adaptation.update(iteration: iteration, acceptance: transition.acceptance, dynamics, &stream)
    }

    func endWarmup() { adaptation.end() }
}
